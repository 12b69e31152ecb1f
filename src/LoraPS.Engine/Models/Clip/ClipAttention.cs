using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Attention of each token to itself and to those before it.</summary>
public sealed class ClipAttention : nn.Module<Tensor, Tensor>
{
    private readonly int _heads;

    [ComponentName(Name = "k_proj")]
    private readonly Linear _key;

    [ComponentName(Name = "v_proj")]
    private readonly Linear _value;

    [ComponentName(Name = "q_proj")]
    private readonly Linear _query;

    [ComponentName(Name = "out_proj")]
    private readonly Linear _output;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipAttention(ClipTextConfig config, Device? device)
        : base(nameof(ClipAttention))
    {
        ArgumentNullException.ThrowIfNull(config);
        _heads = config.Heads;
        _key = new Linear(config.HiddenSize, config.HiddenSize, device: device);
        _value = new Linear(config.HiddenSize, config.HiddenSize, device: device);
        _query = new Linear(config.HiddenSize, config.HiddenSize, device: device);
        _output = new Linear(config.HiddenSize, config.HiddenSize, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="states">[B, n, hidden].</param>
    /// <returns>[B, n, hidden].</returns>
    public override Tensor forward(Tensor states)
    {
        using var scope = NewDisposeScope();
        var attended = MultiHeadAttention.Attend(_query.call(states), _key.call(states), _value.call(states), _heads, causal: true);
        return _output.call(attended).MoveToOuterDisposeScope();
    }
}
