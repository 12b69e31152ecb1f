using LoraPS.Engine.Models.Clip;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Sampling;

/// <summary>Turns a prompt and its opposite into text states of one length; words in either may carry weights, such as "(zorb:1.3)".</summary>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="encoder">The model's text encoder; not owned.</param>
/// <param name="clipSkip">Which layer's states, counted from the end; null is the last.</param>
internal sealed class PromptEncoder(ClipTokenizer tokenizer, ClipTextModel encoder, int? clipSkip)
{
    /// <summary>Encodes both, in as many rows of 75 tokens as the longer one needs, so that nothing is cut.</summary>
    /// <returns>Two tensors [1, 75·rows + 2, hidden] of the caller's dispose scope.</returns>
    public (Tensor Prompt, Tensor Negative) Encode(string prompt, string negative)
    {
        var rows = Math.Max(Rows(prompt), Rows(negative));
        return (Encode(prompt, rows), Encode(negative, rows));
    }

    // How many tokens a prompt with weights has is only known once it is laid out.
    private int Rows(string text) =>
        1 + ((tokenizer.EncodeWeighted(text).Chunks.DroppedTokens + TokenChunks.TokensPerRow - 1) / TokenChunks.TokensPerRow);

    private Tensor Encode(string text, int rows)
    {
        using var scope = NewDisposeScope();
        var tokens = tokenizer.EncodeWeighted(text, rows * TokenChunks.TokensPerRow);
        var device = encoder.parameters().First().device;
        var ids = tensor(tokens.Chunks.Ids.SelectMany(row => row).ToArray(), [1, rows, TokenChunks.RowLength], device: device);
        var states = encoder.Encode(ids, clipSkip);
        // [1, n, hidden] · [n, 1]
        return (states * tensor(tokens.Weights, states.dtype, device).unsqueeze(-1)).MoveToOuterDisposeScope();
    }
}
