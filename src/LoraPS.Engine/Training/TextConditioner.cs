using LoraPS.Engine.Data;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Training;

/// <summary>Turns captions into what the U-Net's cross-attention reads.</summary>
/// <remarks>While the text encoder is frozen each caption is encoded once and kept, up to <see cref="KeptCaptions"/> captions.</remarks>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="encoder">The model's text encoder; not owned.</param>
/// <param name="options">Token length, clip skip, and whether the text encoder is trained.</param>
/// <param name="cache">Where states of a frozen text encoder are kept from one run to the next, or null.</param>
public sealed class TextConditioner(ClipTokenizer tokenizer, ClipTextModel encoder, TrainingOptions options, TensorCache? cache = null) : IDisposable
{
    private const int KeptCaptions = 1024;
    private readonly Device _device = encoder.parameters().First().device;
    private readonly Dictionary<string, Tensor> _kept = [];
    private string? _encoderHash;

    /// <summary>Encodes the captions of a batch.</summary>
    /// <param name="captions">One for each picture.</param>
    /// <returns>[B, 75·chunks + 2, hidden], in the encoder's number format, with gradients where the text encoder is trained.</returns>
    public Tensor Encode(IReadOnlyList<string> captions) => Encode([.. captions.Select(TokensOf)]);

    /// <inheritdoc cref="Encode(IReadOnlyList{string})"/>
    internal Tensor Encode(IReadOnlyList<CaptionTokens> captions)
    {
        using var scope = NewDisposeScope();
        var states = options.Network.TrainTextEncoder
            ? encoder.Encode(stack(captions.Select(Ids)), options.ClipSkip)
            : cat([.. captions.Select(Frozen)]);
        if (options.WeightedCaptions)
            states *= stack(captions.Select(caption => tensor(caption.Weights!, states.dtype, states.device))).unsqueeze(-1);
        return states.MoveToOuterDisposeScope();
    }

    /// <summary>The captions of a batch in tokens; needs no model and may be done on any thread.</summary>
    internal IReadOnlyList<CaptionTokens> Tokenize(TrainingBatch batch) => [.. batch.Items.Select(item => TokensOf(item.Caption))];

    /// <summary>The first weight of the text encoder that is not finite, in words; null where all are.</summary>
    internal string? FirstNonFiniteWeight() => NonFiniteSource.OfWeights("text encoder", encoder);

    /// <summary>Tells how many captions are too long, and what that costs.</summary>
    /// <param name="captions">Captions of the run.</param>
    /// <returns>A warning, or null where all fit.</returns>
    public WarningEvent? FindCutCaptions(IEnumerable<string> captions)
    {
        var cut = captions.Distinct()
            .Select(caption => (Caption: caption, Dropped: Chunks(caption).DroppedTokens))
            .Where(found => found.Dropped > 0)
            .ToList();
        if (cut.Count == 0)
            return null;
        var (longest, most) = cut.MaxBy(found => found.Dropped);
        return new(
            "CaptionCut",
            $"{cut.Count} captions have more than {options.MaxTokenLength} tokens; what follows is not used, {cut.Sum(found => found.Dropped)} tokens in all. A larger token length (150, 225) keeps more. {most} tokens are lost of: {longest}",
            longest);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var states in _kept.Values)
            states.Dispose();
    }

    private Tensor Frozen(CaptionTokens caption)
    {
        if (_kept.TryGetValue(caption.Text, out var kept))
            return kept;
        using var noGradient = no_grad();
        // One caption at a time, so that the numbers do not depend on what else is in the batch.
        var ids = Ids(caption);
        var states = cache is null ? EncodeAlone(ids) : cache.GetOrAdd(Describe(ids), () => EncodeAlone(ids)).to(_device);
        if (_kept.Count < KeptCaptions)
            _kept.Add(caption.Text, states.DetachFromDisposeScope());
        return states;
    }

    private Tensor EncodeAlone(Tensor ids) => encoder.Encode(ids.unsqueeze(0), options.ClipSkip);

    /// <summary>All that decides the states of a caption.</summary>
    private string Describe(Tensor ids)
    {
        _encoderHash ??= TensorCache.WeightsHash(encoder);
        return FormattableString.Invariant(
            $"text 1; tokens {string.Join(' ', ids.cpu().data<long>())}; clip skip {options.ClipSkip ?? 1}; encoder {_encoderHash} on {_device.type}");
    }

    /// <summary>[chunks, 77].</summary>
    private Tensor Ids(CaptionTokens caption) =>
        tensor(caption.Ids.SelectMany(row => row).ToArray(), [caption.Ids.Length, TokenChunks.RowLength], device: _device);

    private CaptionTokens TokensOf(string caption)
    {
        if (!options.WeightedCaptions)
            return new(caption, tokenizer.EncodeChunks(caption, options.MaxTokenLength).Ids, null);
        var weighted = tokenizer.EncodeWeighted(caption, options.MaxTokenLength);
        return new(caption, weighted.Chunks.Ids, weighted.Weights);
    }

    private TokenChunks Chunks(string caption) => options.WeightedCaptions
        ? tokenizer.EncodeWeighted(caption, options.MaxTokenLength).Chunks
        : tokenizer.EncodeChunks(caption, options.MaxTokenLength);
}
