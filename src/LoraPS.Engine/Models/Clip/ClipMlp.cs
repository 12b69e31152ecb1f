using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>The part of an encoder layer that treats each token alone.</summary>
public sealed class ClipMlp : nn.Module<Tensor, Tensor>
{
    private readonly ClipActivation _activation;

    [ComponentName(Name = "fc1")]
    private readonly Linear _widen;

    [ComponentName(Name = "fc2")]
    private readonly Linear _narrow;

    /// <summary>Makes the module with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipMlp(ClipTextConfig config, Device? device)
        : base(nameof(ClipMlp))
    {
        ArgumentNullException.ThrowIfNull(config);
        _activation = config.Activation;
        _widen = new Linear(config.HiddenSize, config.IntermediateSize, device: device);
        _narrow = new Linear(config.IntermediateSize, config.HiddenSize, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="states">[B, n, hidden].</param>
    /// <returns>[B, n, hidden].</returns>
    public override Tensor forward(Tensor states)
    {
        using var scope = NewDisposeScope();
        var wide = _widen.call(states);
        var activated = _activation == ClipActivation.Gelu ? nn.functional.gelu(wide) : wide * wide.Times(1.702).sigmoid();
        return _narrow.call(activated).MoveToOuterDisposeScope();
    }
}
