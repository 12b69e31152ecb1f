using LoraPS.Engine.Models.Layers;
using TorchSharp.Utils;
using static TorchSharp.torch;
using Modules = TorchSharp.Modules;

namespace LoraPS.Engine.Models.Clip;

/// <summary>The layers of a text encoder, of which the last few may be left out.</summary>
public sealed class ClipEncoder : nn.Module<Tensor, int, Tensor>
{
    [ComponentName(Name = "layers")]
    private readonly Modules.ModuleList<ClipEncoderLayer> _layers = new();

    /// <summary>Makes the layers with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipEncoder(ClipTextConfig config, Device? device)
        : base(nameof(ClipEncoder))
    {
        ArgumentNullException.ThrowIfNull(config);
        for (var i = 0; i < config.Layers; i++)
            _layers.Add(new ClipEncoderLayer(config, device));
        RegisterComponents();
    }

    /// <summary>Whether what lies inside each part is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing { get; set; }

    /// <inheritdoc/>
    /// <param name="states">Embedded tokens [B, n, hidden].</param>
    /// <param name="count">How many layers to run.</param>
    /// <returns>The state after that layer [B, n, hidden].</returns>
    public override Tensor forward(Tensor states, int count)
    {
        using var scope = NewDisposeScope();
        var hidden = states;
        foreach (var layer in _layers.Take(count))
            hidden = GradientCheckpoint.Call(GradientCheckpointing, inputs => layer.call(inputs[0]), hidden);
        return hidden.MoveToOuterDisposeScope();
    }
}
