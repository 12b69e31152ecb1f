using TorchSharp.Utils;
using static TorchSharp.torch;

namespace LoraPS.Engine.Models.Clip;

/// <summary>The text half of CLIP: tokens in, one state a position out.</summary>
/// <remarks>
/// Radford et al., "Learning transferable visual models from natural language supervision" (ICML 2021). Module names are
/// those of Hugging Face's CLIPTextModel. Layers skipped at the end and prompts in several chunks follow sd-scripts'
/// SdTextEncodingStrategy, library/strategy_sd.py@48d368fa.
/// </remarks>
public sealed class ClipTextModel : nn.Module<Tensor, int?, Tensor>
{
    [ComponentName(Name = "text_model")]
    private readonly ClipTextTransformer _transformer;

    /// <summary>Makes the encoder with unfilled weights.</summary>
    /// <param name="config">Sizes.</param>
    /// <param name="device">Where the parameters live; null is the CPU.</param>
    public ClipTextModel(ClipTextConfig config, Device? device = null)
        : base(nameof(ClipTextModel))
    {
        ArgumentNullException.ThrowIfNull(config);
        Config = config;
        _transformer = new ClipTextTransformer(config, device);
        RegisterComponents();
    }

    /// <summary>Sizes.</summary>
    public ClipTextConfig Config { get; }

    /// <summary>Whether what lies inside each layer is computed again on the way back, in place of being kept.</summary>
    /// <value>Default false.</value>
    public bool GradientCheckpointing
    {
        get => _transformer.GradientCheckpointing;
        set => _transformer.GradientCheckpointing = value;
    }

    /// <summary>Encodes prompts of one chunk, or of several that are joined to one sequence.</summary>
    /// <param name="ids">Token ids, int64: [B, 77], or [B, chunks, 77] where each chunk has its own begin and end.</param>
    /// <param name="clipSkip">Which state to use, counted from the end: 1 or null is the last layer's, 2 the one before.</param>
    /// <returns>[B, 75·chunks + 2, hidden]: the first chunk's begin, all that is between, the last chunk's end.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such state.</exception>
    public Tensor Encode(Tensor ids, int? clipSkip = null) => call(ids, clipSkip);

    /// <inheritdoc cref="Encode"/>
    public override Tensor forward(Tensor ids, int? clipSkip)
    {
        ArgumentNullException.ThrowIfNull(ids);
        var skip = clipSkip ?? 1;
        ArgumentOutOfRangeException.ThrowIfLessThan(skip, 1, nameof(clipSkip));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(skip, Config.Layers, nameof(clipSkip));

        using var scope = NewDisposeScope();
        // [B, chunks, 77] -> [B·chunks, 77]
        var states = _transformer.call(ids.reshape(-1, ids.shape[^1]), Config.Layers + 1 - skip);
        return JoinChunks(states.reshape(ids.shape[0], -1, states.shape[1], states.shape[2])).MoveToOuterDisposeScope();
    }

    // [B, chunks, 77, hidden] -> [B, 75·chunks + 2, hidden]
    private static Tensor JoinChunks(Tensor states)
    {
        var length = states.shape[2];
        var begin = states.select(1, 0).narrow(1, 0, 1);
        var between = states.narrow(2, 1, length - 2).flatten(1, 2);
        var end = states.select(1, -1).narrow(1, length - 1, 1);
        return cat([begin, between, end], dim: 1);
    }
}
