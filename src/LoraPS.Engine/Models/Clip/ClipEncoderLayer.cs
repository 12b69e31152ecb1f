using LoraPS.Engine.Models.Layers;
using LoraPS.Engine.Runtime;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Attention and a feed-forward part, each normalised before and added after.</summary>
public sealed class ClipEncoderLayer : nn.Module<Tensor, Tensor>
{
    [ComponentName(Name = "self_attn")]
    private readonly ClipAttention _attention;

    [ComponentName(Name = "layer_norm1")]
    private readonly LayerNorm _norm1;

    [ComponentName(Name = "mlp")]
    private readonly ClipMlp _mlp;

    [ComponentName(Name = "layer_norm2")]
    private readonly LayerNorm _norm2;

    /// <summary>Makes the layer with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipEncoderLayer(ClipTextConfig config, Device? device)
        : base(nameof(ClipEncoderLayer))
    {
        ArgumentNullException.ThrowIfNull(config);
        _attention = new ClipAttention(config, device);
        _norm1 = new LayerNorm(config.HiddenSize, device: device);
        _mlp = new ClipMlp(config, device);
        _norm2 = new LayerNorm(config.HiddenSize, device: device);
        RegisterComponents();
    }

    /// <inheritdoc/>
    /// <param name="states">[B, n, hidden].</param>
    /// <returns>[B, n, hidden].</returns>
    public override Tensor forward(Tensor states)
    {
        using var scope = NewDisposeScope();
        var hidden = states.Plus(_attention.call(_norm1.call(states)));
        return hidden.Plus(_mlp.call(_norm2.call(hidden))).MoveToOuterDisposeScope();
    }
}
