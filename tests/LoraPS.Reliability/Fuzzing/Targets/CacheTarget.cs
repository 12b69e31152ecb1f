using LoraPS.Engine.Training;
using static TorchSharp.torch;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Entries of a cache: whatever is in the file, what is taken out of the cache is right.</summary>
internal sealed class CacheTarget : FuzzTarget
{
    private const string Description = "latents of a picture";
    private static readonly float[] Numbers = [1, 2, 3, 4, 5, 6];

    public override string Name => "cache";

    protected override IReadOnlyList<byte[]> Seeds { get; } = [Entry()];

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8("\"F32\"", "\"F16\"", "[6]", "[2,3]", "[3,2]", "\"value\"");

    public override void Try(byte[] input, string folder)
    {
        using var scope = NewDisposeScope();
        new TensorCache(folder).GetOrAdd(Description, Value);
        var entry = Directory.EnumerateFiles(folder, "*.safetensors").Single(name => Path.GetFileName(name).Length > 60);
        File.WriteAllBytes(entry, input);
        var found = new TensorCache(folder).GetOrAdd(Description, Value);
        if (!found.shape.SequenceEqual([2L, 3]) || !found.data<float>().ToArray().SequenceEqual(Numbers))
            throw new InvalidOperationException("The cache gave other numbers than were put in.");
    }

    private static Tensor Value() => tensor(Numbers, [2, 3]);

    private static byte[] Entry()
    {
        using var folder = new Engine.Tests.TemporaryFolder();
        using var scope = NewDisposeScope();
        new TensorCache(folder.Path).GetOrAdd(Description, Value);
        return File.ReadAllBytes(Directory.EnumerateFiles(folder.Path).Single());
    }
}
