using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.UNet;

/// <summary>Turns timesteps into the vectors that tell each resnet how noisy its input is.</summary>
/// <remarks>
/// Follows diffusers TimestepEmbedding and get_timestep_embedding, src/diffusers/models/embeddings.py@58eb52c, with the
/// cosines first and no frequency shift. The angles are float32 whatever the model's dtype is.
/// </remarks>
public sealed class TimestepEmbedding : nn.Module<Tensor, Tensor>
{
    private const double MaxPeriod = 10_000;
    private readonly int _sinusoidDim;

    [ComponentName(Name = "linear_1")]
    private readonly Linear _linear1;

    [ComponentName(Name = "linear_2")]
    private readonly Linear _linear2;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="sinusoidDim">Number of sines and cosines.</param>
    /// <param name="embeddingDim">Width of the embedding.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public TimestepEmbedding(int sinusoidDim, int embeddingDim, Device? device)
        : base(nameof(TimestepEmbedding))
    {
        _sinusoidDim = sinusoidDim;
        _linear1 = new Linear(sinusoidDim, embeddingDim, device: device);
        _linear2 = new Linear(embeddingDim, embeddingDim, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="timesteps">[B], int64, 0 to 999.</param>
    /// <returns>[B, embeddingDim].</returns>
    public override Tensor forward(Tensor timesteps)
    {
        using var scope = NewDisposeScope();
        var sinusoid = Sinusoid(timesteps, _sinusoidDim).to_type(_linear1.Weight.dtype);
        return _linear2.call(nn.functional.silu(_linear1.call(sinusoid))).MoveToOuterDisposeScope();
    }

    /// <summary>Cosines, then sines, of the timestep times falling frequencies.</summary>
    /// <param name="timesteps">[B].</param>
    /// <param name="dim">Number of values; even.</param>
    /// <returns>[B, dim], float32.</returns>
    public static Tensor Sinusoid(Tensor timesteps, int dim)
    {
        ArgumentNullException.ThrowIfNull(timesteps);
        using var scope = NewDisposeScope();
        var half = dim / 2;
        var exponents = TensorArithmetic.Count(half, ScalarType.Float32, timesteps.device).Times(-Math.Log(MaxPeriod)).DividedBy(half);
        // [B, 1] · [half] -> [B, half]
        var angles = timesteps.to_type(ScalarType.Float32).unsqueeze(-1) * exponents.exp();
        return cat([angles.cos(), angles.sin()], dim: -1).MoveToOuterDisposeScope();
    }
}
