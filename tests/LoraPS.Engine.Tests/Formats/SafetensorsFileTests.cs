using LoraPS.Engine.Formats;
using TorchSharp;
using static LoraPS.Engine.Tests.Formats.RawSafetensors;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Formats;

public sealed class SafetensorsFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Tensors_have_the_files_bytes_shape_and_type()
    {
        using var file = SafetensorsFile.Open(TestFiles.Fixture("formats/hash_small.safetensors"));
        Assert.Equal(["b.alpha", "lora_unet_a.alpha", "lora_unet_a.lora_down.weight", "z.w", "lora_unet_a.lora_up.weight"], file.Tensors.Select(t => t.Name));
        foreach (var info in file.Tensors)
        {
            using var tensor = file.Read(info.Name);
            Assert.Equal(info.Shape, tensor.shape);
            Assert.Equal(info.DType, tensor.dtype.ToSafetensorsDType());
            Assert.Equal(file.ReadBytes(info.Name), tensor.bytes.ToArray());
        }
    }

    [Fact]
    public void Metadata_is_read_in_the_files_order()
    {
        using var file = SafetensorsFile.Open(TestFiles.Fixture("formats/hash_small.safetensors"));
        Assert.Equal(["ss_network_dim", "ss_comment", "modelspec.title"], file.Metadata.Keys);
        Assert.Equal("café \"q\"", file.Metadata["ss_comment"]);
    }

    [Fact]
    public void Reading_twice_gives_two_views_of_the_same_memory()
    {
        using var file = SafetensorsFile.Open(Write("two.safetensors", One("[4]", 0, 4, "U8"), 4));
        using var first = file.Read("a");
        using var second = file.Read("a");
        first[0] = 77;
        Assert.Equal(77, second[0].item<byte>());
    }

    [Fact]
    public void Writing_into_a_tensor_never_changes_the_file()
    {
        var path = Write("private.safetensors", One("[4]", 0, 4, "U8"), 4);
        var before = File.ReadAllBytes(path);
        using (var file = SafetensorsFile.Open(path))
        {
            using var tensor = file.Read("a");
            tensor.fill_(9);
        }

        Assert.Equal(before, File.ReadAllBytes(path));
    }

    [Fact]
    public void Tensors_outlive_the_file_and_its_replacement()
    {
        var path = Write("outlive.safetensors", One("[4]", 0, 4, "U8"), 4);
        Tensor tensor;
        using (var file = SafetensorsFile.Open(path))
            tensor = file.Read("a");
        using (tensor)
        {
            SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["a"] = tensor + 1 }, new Dictionary<string, string>());
            GC.Collect();
            GC.WaitForPendingFinalizers();
            Assert.Equal([0, 1, 2, 3], tensor.data<byte>().ToArray());
        }

        using var replaced = SafetensorsFile.Open(path);
        Assert.Equal([1, 2, 3, 4], replaced.ReadBytes("a"));
    }

    [Theory]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}}")]
    [InlineData("{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]}} ")]
    public void Bytes_that_are_not_aligned_are_read_all_the_same(string json)
    {
        var path = Write("unaligned.safetensors", json, 9);
        using var file = SafetensorsFile.Open(path);
        using var tensor = file.Read("b");
        Assert.Equal([BitConverter.ToSingle([1, 2, 3, 4]), BitConverter.ToSingle([5, 6, 7, 8])], tensor.data<float>().ToArray());
    }

    [Fact]
    public void Tensors_without_elements_and_scalars_are_read()
    {
        var path = Write("small.safetensors", "{\"e\":{\"dtype\":\"F16\",\"shape\":[3,0],\"data_offsets\":[0,0]},\"s\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[0,1]}}", 1);
        using var file = SafetensorsFile.Open(path);
        using var nothing = file.Read("e");
        using var scalar = file.Read("s");
        Assert.Equal([3L, 0L], nothing.shape);
        Assert.Empty(scalar.shape);
        Assert.Equal(0, scalar.item<byte>());
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    public void A_scalar_of_any_type_is_read_without_torch(ScalarType type)
    {
        var value = type switch { ScalarType.Bool => 1, ScalarType.Byte => 200, ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 => -7, _ => -1.5 };
        using var number = tensor(value, ScalarType.Float64).to(type);
        using var list = ones(2);
        var path = _folder.File("scalar.safetensors");
        SafetensorsWriter.Write(path, new Dictionary<string, Tensor> { ["n"] = number, ["list"] = list }, new Dictionary<string, string>());
        using var file = SafetensorsFile.Open(path);
        Assert.Equal(value, file.ReadScalar("n"));
        Assert.Throws<ArgumentException>(() => file.ReadScalar("list"));
    }

    [Fact]
    public void Reading_leaves_no_tensor_behind()
    {
        using var file = SafetensorsFile.Open(TestFiles.Fixture("formats/hash_small.safetensors"));
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        file.Read("z.w").Dispose();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_missing_file_a_folder_and_a_missing_tensor_are_told_apart()
    {
        var missing = Assert.Throws<MissingFileException>(() => SafetensorsFile.Open(_folder.File("no/such.safetensors")));
        Assert.Equal("FileNotFound", missing.ErrorId);
        var folder = Assert.Throws<UnreadableFileException>(() => SafetensorsFile.Open(_folder.Path));
        Assert.Equal("FileUnreadable", folder.ErrorId);
        Assert.EndsWith("it is a folder. Name the file in it.", folder.Message, StringComparison.Ordinal);
        using var file = SafetensorsFile.Open(TestFiles.Fixture("formats/hash_small.safetensors"));
        Assert.False(file.TryGet("no such", out _));
        Assert.Throws<KeyNotFoundException>(() => file.Read("no such"));
    }

    [Fact]
    public void A_closed_file_is_read_no_more()
    {
        var file = SafetensorsFile.Open(TestFiles.Fixture("formats/hash_small.safetensors"));
        file.Dispose();
        Assert.Throws<ObjectDisposedException>(() => file.Read("z.w"));
        Assert.Throws<ObjectDisposedException>(() => file.ReadBytes("z.w"));
    }

    private string Write(string name, string json, int dataLength)
    {
        var path = _folder.File(name);
        File.WriteAllBytes(path, Bytes(json, dataLength));
        return path;
    }
}
