using System.IO.Compression;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Tests;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Vocabularies: ids in JSON, merges as text, packed or not.</summary>
internal sealed class TokenizerTarget : FuzzTarget
{
    private static readonly byte[] Ids = File.ReadAllBytes(TestFiles.Fixture("tokenizer/vocab.json"));
    private static readonly byte[] Merges = File.ReadAllBytes(TestFiles.Fixture("tokenizer/merges.txt"));
    private static readonly byte[] Packed = Gzip(Merges);

    public override string Name => "tokenizers";

    protected override IReadOnlyList<byte[]> Seeds { get; } = [Ids, Merges, Packed];

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("</w>", " ", "\": 2147483647", "\": -1", "\": 0.5", "#version", "<|endoftext|>", "\n\n");

    public override void Try(byte[] input, string folder)
    {
        var isIds = input.AsSpan().IndexOf((byte)'{') is >= 0 and < 8;
        Write(folder, "vocab.json", isIds ? input : Ids);
        Write(folder, "merges.txt", isIds ? Merges : input);
        new ClipTokenizer(ClipVocabulary.Load(folder)).Encode("a cat");
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }
}
