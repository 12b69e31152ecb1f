using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Embeddings, encoder layers and the final norm.</summary>
public sealed class ClipTextTransformer : nn.Module<Tensor, int, Tensor>
{
    [ComponentName(Name = "embeddings")]
    private readonly ClipTextEmbeddings _embeddings;

    [ComponentName(Name = "encoder")]
    private readonly ClipEncoder _encoder;

    [ComponentName(Name = "final_layer_norm")]
    private readonly LayerNorm _finalNorm;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipTextTransformer(ClipTextConfig config, Device? device)
        : base(nameof(ClipTextTransformer))
    {
        ArgumentNullException.ThrowIfNull(config);
        _embeddings = new ClipTextEmbeddings(config, device);
        _encoder = new ClipEncoder(config, device);
        _finalNorm = new LayerNorm(config.HiddenSize, device: device);
        RegisterComponents();
    }

    /// <summary>Whether what lies inside each layer is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing
    {
        get => _encoder.GradientCheckpointing;
        set => _encoder.GradientCheckpointing = value;
    }

    /// <inheritdoc/>
    /// <param name="ids">Token ids [B, n], int64.</param>
    /// <param name="layers">How many encoder layers to run.</param>
    /// <returns>The normed state after that layer [B, n, hidden].</returns>
    public override Tensor forward(Tensor ids, int layers)
    {
        using var scope = NewDisposeScope();
        return _finalNorm.call(_encoder.call(_embeddings.call(ids), layers)).MoveToOuterDisposeScope();
    }
}
