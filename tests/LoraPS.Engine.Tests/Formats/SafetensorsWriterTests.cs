using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LoraPS.Engine.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Formats;

public sealed class SafetensorsWriterTests : IDisposable
{
    private static readonly Dictionary<string, string> NoMetadata = [];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("formats/hash_small.safetensors")]
    [InlineData("lora/c3lier_init.safetensors")]
    [InlineData("merge/B.safetensors")]
    [InlineData("unet/sd1_checkpoint.safetensors")]
    public void A_file_of_the_safetensors_library_is_written_again_byte_for_byte(string fixture)
    {
        using var source = SafetensorsFile.Open(TestFiles.Fixture(fixture));
        var copy = _folder.File("copy.safetensors");
        // Any order in, the library's order out.
        SafetensorsWriter.Write(copy, [.. source.Tensors.Reverse().Select(t => new TensorSpec(t.Name, t.DType, t.Shape))], source.Metadata, source.Read);
        Assert.Equal(File.ReadAllBytes(source.Path), File.ReadAllBytes(copy));
    }

    [Property(MaxTest = 60)]
    public Property What_is_written_is_read_back()
    {
        var names = Gen.ArrayOf(ArbMap.Default.GeneratorFor<char>().Where(c => !char.IsSurrogate(c))).Select(c => new string(c)).Where(n => n != "__metadata__");
        var tensors =
            from name in names
            from dtype in Gen.Elements(Enum.GetValues<SafetensorsDType>())
            from shape in Gen.ArrayOf(Gen.Choose(0, 3))
            select (name, dtype, shape: shape.Take(4).Select(i => (long)i).ToArray());
        var metadata = Gen.ArrayOf(Gen.Zip(names, names)).Select(pairs => pairs.DistinctBy(p => p.Item1).ToDictionary(p => p.Item1, p => p.Item2));
        return Prop.ForAll(Gen.Zip(Gen.ArrayOf(tensors), metadata).ToArbitrary(), sample =>
            RoundTrips([.. sample.Item1.DistinctBy(t => t.name).Select(t => new TensorSpec(t.name, t.dtype, t.shape))], sample.Item2));
    }

    [Fact]
    public void Names_are_ordered_as_UTF8_and_written_unescaped()
    {
        // As UTF-16 the second would come first.
        string[] names = ["\uFFFD", "\U0001F600", "line\nbreak\u0001\"\\\u007F"];
        var path = _folder.File("names.safetensors");
        SafetensorsWriter.Write(path, [.. names.Select(n => new TensorSpec(n, SafetensorsDType.U8, []))], NoMetadata, _ => zeros([], ScalarType.Byte));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal([names[2], names[0], names[1]], file.Tensors.Select(t => t.Name));
        var json = Encoding.UTF8.GetString(File.ReadAllBytes(path));
        Assert.Contains("\"\U0001F600\"", json, StringComparison.Ordinal);
        Assert.Contains("\"line\\nbreak\\u0001\\\"\\\\\u007F\"", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_are_ordered_as_the_library_ranks_them_and_the_header_is_padded()
    {
        var path = _folder.File("order.safetensors");
        SafetensorsWriter.Write(path, [.. Enum.GetValues<SafetensorsDType>().Select(d => new TensorSpec(d.ToString(), d, [1]))], NoMetadata, name => zeros(1, Enum.Parse<SafetensorsDType>(name).ToScalarType()));
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(["I64", "F64", "F32", "I32", "BF16", "F16", "I16", "I8", "U8", "Bool"], file.Tensors.Select(t => t.Name));
        Assert.Equal(0, file.Tensors[0].Offset % 8);
    }

    [Fact]
    public void Tensors_that_are_not_contiguous_or_need_gradients_are_written_by_value_and_stay_the_callers()
    {
        using var matrix = arange(6, ScalarType.Float32).reshape(2, 3).t().requires_grad_();
        var path = _folder.File("strided.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["m"] = matrix }, NoMetadata);
        Assert.False(matrix.IsInvalid);
        using var file = SafetensorsFile.Open(path);
        using var read = file.Read("m");
        Assert.Equal([3L, 2L], read.shape);
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], read.data<float>().ToArray());
    }

    [Fact]
    public void Streaming_keeps_one_tensor_at_a_time()
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        var most = 0L;
        SafetensorsWriter.Write(_folder.File("stream.safetensors"), [.. Enumerable.Range(0, 20).Select(i => new TensorSpec($"t{i}", SafetensorsDType.F32, [10]))], NoMetadata, _ =>
        {
            most = Math.Max(most, DisposeScopeManager.Statistics.ThreadTotalLiveCount - before);
            return zeros(10);
        });
        Assert.Equal(0, most);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_failure_while_writing_leaves_the_old_file_and_nothing_else()
    {
        var path = _folder.File("old.safetensors");
        File.WriteAllText(path, "old");
        TensorSpec[] specs = [new("a", SafetensorsDType.F32, [2]), new("b", SafetensorsDType.F32, [2])];
        Assert.Throws<FormatException>(() => SafetensorsWriter.Write(path, specs, NoMetadata, name => name == "a" ? zeros(2) : throw new FormatException()));
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, specs, NoMetadata, _ => zeros(3)));
        Assert.Throws<InvalidOperationException>(() => SafetensorsWriter.Write(path, specs, NoMetadata, _ => zeros(2, ScalarType.Float16)));
        using var stop = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => SafetensorsWriter.Write(path, specs, NoMetadata, _ => { stop.Cancel(); return zeros(2); }, stop.Token));
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["old.safetensors"], _folder.Entries);
    }

    [Fact]
    public void Names_that_no_reader_would_take_are_refused()
    {
        TensorSpec scalar = new("a", SafetensorsDType.U8, []);
        void Write(params TensorSpec[] specs) => SafetensorsWriter.Write(_folder.File("x"), specs, NoMetadata, _ => zeros([], ScalarType.Byte));
        Assert.Throws<ArgumentException>(() => Write(scalar, scalar));
        Assert.Throws<ArgumentException>(() => Write(scalar with { Name = "__metadata__" }));
        Assert.ThrowsAny<ArgumentException>(() => Write(scalar with { Name = "\uD800" }));
        Assert.Empty(_folder.Entries);
    }

    private bool RoundTrips(TensorSpec[] specs, Dictionary<string, string> metadata)
    {
        using var scope = NewDisposeScope();
        var tensors = specs.ToDictionary(s => s.Name, s => randint(0, 2, [.. s.Shape]).to(s.DType.ToScalarType()));
        var path = _folder.File("property.safetensors");
        SafetensorsWriter.Write(path, tensors, metadata);
        using var file = SafetensorsFile.Open(path);
        return file.Tensors.Count == specs.Length
            && file.Metadata.SequenceEqual(metadata)
            && specs.All(s => file.TryGet(s.Name, out var info) && info.DType == s.DType && info.Shape.SequenceEqual(s.Shape)
                && info.Offset % s.DType.ByteSize() == 0 && file.Read(s.Name).Equals(tensors[s.Name]));
    }
}
