using LoraPS.Engine.Formats;
using LoraPS.Engine.Tests.Formats.Torch;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Files of torch.save: the pickle in a right archive, the archive around a right pickle, and pickles of random instructions.</summary>
internal sealed class PickleTarget : FuzzTarget
{
    private const string Letters = "(.0N)}]te sburRqQh\u0085\u0086\u0087\u0088\u0089aXKMJGc2I";

    private static readonly string Scratch = Path.Combine(Directory.CreateTempSubdirectory("loraps-fuzz-").FullName, "x.pt");
    private static readonly byte[] Archive = Packed(Pickle());

    public override string Name => "pickle";

    public override int Inputs => 100_000;

    protected override IReadOnlyList<byte[]> Seeds { get; } = [Pickle(), Pickle(), Archive];

    protected override IReadOnlyList<byte[]> Tokens { get; } =
    [
        .. Utf8("cos\nsystem\n", "cbuiltins\neval\n", "ctorch._utils\n_rebuild_tensor_v2\n", "ccollections\nOrderedDict\n", "ctorch\nFloatStorage\n", "(", ")", "t", "R", "}", "]", "u.", "s", "e", "Q", "\u0085"),
        [0x8a, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0x8a, 0], [(byte)'r', 0xff, 0xff, 0xff, 0xff], [(byte)'X', 0xff, 0xff, 0xff, 0x7f], [0x80, 5], [0x95, 0, 0, 0, 0, 0, 0, 0, 1],
    ];

    public override void Try(byte[] input, string folder)
    {
        using var file = TensorFile.Open(Write(folder, "x.pt", input));
        foreach (var tensor in file.Tensors)
        {
            file.ReadBytes(tensor.Name);
            file.Read(tensor.Name).Dispose();
        }
    }

    protected override byte[] Shape(Random random, byte[] changed)
    {
        if (changed.AsSpan().StartsWith("PK"u8))
            return changed;
        return Packed(random.Next(3) == 0 ? Instructions(random) : changed);
    }

    private static byte[] Pickle() => new RawPickle().Do("}(")
        .Text("epoch").Int(7).Text("state_dict").Do("}(")
        .Text("a").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
        .Text("b").Tensor("FloatStorage", "0", 6, 1, [3, 2], [1, 3])
        .Text("c").Tensor("FloatStorage", "1", 1, 0, [], []).Do("uu.").Bytes;

    private static byte[] Instructions(Random random)
    {
        var pickle = new RawPickle().Do("}");
        for (var count = random.Next(1, 200); count > 0; count--)
        {
            _ = random.Next(7) switch
            {
                0 => pickle.Text(random.Next(3) == 0 ? "a" : "b"),
                1 => pickle.Int(random.NextInt64(-3, 1L << random.Next(1, 62))),
                2 => pickle.Tensor("FloatStorage", $"{random.Next(3)}", random.Next(8), random.Next(4), Numbers(random), Numbers(random)),
                3 => pickle.Raw((byte)(random.Next(2) == 0 ? 'q' : 'h'), (byte)random.Next(4)),
                4 => pickle.Global(random.Next(2) == 0 ? "torch" : "collections", random.Next(2) == 0 ? "FloatStorage" : "OrderedDict"),
                _ => pickle.Raw((byte)Letters[random.Next(Letters.Length)]),
            };
        }

        return pickle.Do("s.").Bytes;
    }

    private static long[] Numbers(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => random.NextInt64(-1, 5))];

    private static byte[] Packed(byte[] pickle)
    {
        return File.ReadAllBytes(RawArchive.Write(
            Scratch, method: 0, wide: false,
            ("data.pkl", pickle), ("byteorder", "little"u8.ToArray()), ("data/0", new byte[24]), ("data/1", new byte[4])));
    }
}
