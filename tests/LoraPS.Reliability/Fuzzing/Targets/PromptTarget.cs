using System.Text;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Prompts: tokens and weights of any text.</summary>
internal sealed class PromptTarget : FuzzTarget
{
    private readonly ClipTokenizer _tokenizer = new(ClipVocabulary.Load(TestFiles.Fixture("tokenizer")));

    public override string Name => "prompts";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8("a (cat:1.3) on [a] ((sofa)), best quality", "\\(escaped\\) (a:0.5) BREAK (b:-1)", "it's e\u0301t\u00e9 \u4e2d\u6587 \ud83d\ude00 <lora:x:1>");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("(", ")", "[", "]", ":1.5)", ":1e308)", ":nan)", "BREAK", "((((", "\\(", "&amp;", "&#x41;", "<|endoftext|>", "\u0300");

    public override void Try(byte[] input, string folder)
    {
        var text = Encoding.UTF8.GetString(input);
        var weighted = _tokenizer.EncodeWeighted(text, TokenChunks.TokensPerRow * 3);
        if (weighted.Weights.Any(weight => !float.IsFinite(weight)))
            throw new InvalidOperationException("A weight is not finite.");
        _tokenizer.EncodeChunks(text);
    }
}
