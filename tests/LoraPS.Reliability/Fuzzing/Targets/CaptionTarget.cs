using LoraPS.Engine.Data;
using LoraPS.Engine.Runtime;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Caption files, read and drawn from.</summary>
internal sealed class CaptionTarget : FuzzTarget
{
    private static readonly CaptionOptions Options = new()
    {
        Shuffle = true, EnableWildcard = true, KeepTokens = 1, KeepTokensSeparator = "|||", SecondarySeparator = ";;;", TagDropoutRate = 0.2, Prefix = "a", Suffix = "b",
    };

    public override string Name => "captions";

    protected override IReadOnlyList<byte[]> Seeds { get; } = Utf8("a cat, sitting, {red|blue|green} sofa", "a ||| b, c ;;; d, e\nsecond line\r\nthird", "1girl, {a|{b|c}}, \"quoted\"");

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("{", "}", "|", "|||", ";;;", ",", "{{", "}}", "\n", "{a|", "\\");

    public override void Try(byte[] input, string folder)
    {
        Write(folder, "1.txt", input);
        var caption = CaptionReader.Read(Path.Combine(folder, "1.png"), ".txt", allLines: true);
        for (var item = 0; item < 3; item++)
            CaptionProcessor.Process(caption!, Options, new(1, item, 10), new CounterRandom(1, RandomPurpose.Caption, item: item));
    }
}
