using LoraPS.Engine.Formats;
using LoraPS.Engine.Formats.Torch;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Formats.Torch;

public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Target => _folder.File("weights.pt");

    private static RawPickle OneTensor(long count = 6, long first = 0, long[]? shape = null, long[]? strides = null) =>
        new RawPickle().Do("}").Text("a").Tensor("FloatStorage", "0", count, first, shape ?? [2, 3], strides ?? [3, 1]).Do("s.");

    [Fact]
    public void Tensors_are_read_in_place_with_their_names_types_and_shapes()
    {
        RawArchive.Write(Target, new RawPickle().Global("collections", "OrderedDict").Raw((byte)'q', 0).Do(")R(")
            .Text("b").Tensor("FloatStorage", "0", 6, 0, [2, 3], [3, 1])
            .Text("a").Tensor("FloatStorage", "1", 1, 0, [], [])
            .Do("u}").Text("_metadata").Do("}sb."), [1, 2, 3, 4, 5, 6], [7]);
        using var file = TensorFile.Open(Target);
        Assert.Equal([("b", SafetensorsDType.F32, "2,3"), ("a", SafetensorsDType.F32, "")], file.Tensors.Select(t => (t.Name, t.DType, string.Join(',', t.Shape))));
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 2, 3, 4, 5, 6], file.Read("b").data<float>().ToArray());
        Assert.Equal(7, file.ReadScalar("a"));
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Views_that_share_a_storage_see_their_part_of_it()
    {
        RawArchive.Write(Target, new RawPickle().Do("}(")
            .Text("all").Tensor("FloatStorage", "0", 6, 0, [6], [1]).Text("end").Tensor("FloatStorage", "0", 6, 4, [2], [1]).Do("u."), [1, 2, 3, 4, 5, 6]);
        using var file = TensorFile.Open(Target);
        Assert.Equal([5f, 6], Floats(file, "end"));
        Assert.Equal([1f, 2, 3, 4, 5, 6], Floats(file, "all"));
    }

    [Theory]
    [InlineData("transposed", new long[] { 3, 2 }, new long[] { 1, 3 }, 0, new float[] { 1, 4, 2, 5, 3, 6 })]
    [InlineData("every other", new long[] { 3 }, new long[] { 2 }, 1, new float[] { 2, 4, 6 })]
    [InlineData("a column", new long[] { 2, 1 }, new long[] { 3, 1 }, 2, new float[] { 3, 6 })]
    public void Tensors_that_are_not_in_one_piece_are_put_together(string name, long[] shape, long[] strides, long first, float[] expected)
    {
        RawArchive.Write(Target, new RawPickle().Do("}").Text(name).Tensor("FloatStorage", "0", 6, first, shape, strides).Do("s."), [1, 2, 3, 4, 5, 6]);
        using var file = TensorFile.Open(Target);
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Floats(file, name));
        Assert.Equal(expected, file.Read(name).data<float>().ToArray());
        Assert.Equal(shape, file.Read(name).shape);
    }

    [Fact]
    public void Values_may_be_remembered_and_recalled_and_parameters_are_tensors()
    {
        RawArchive.Write(Target, new RawPickle().Do("}(")
            .Text("a").Global("torch._utils", "_rebuild_parameter").Do("(").Tensor("FloatStorage", "0", 2, 0, [2], [1]).Raw((byte)'r', 1, 1, 0, 0).Raw(0x88).Do(")tR")
            .Text("b").Raw((byte)'j', 1, 1, 0, 0).Text("count").Int(1L << 40).Do("u."), [1, 2]);
        using var file = TensorFile.Open(Target);
        Assert.Equal(["a", "b"], file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([1f, 2], Floats(file, "b"));
    }

    [Fact]
    public void Archives_with_64_bit_directories_are_read()
    {
        RawArchive.Write(Target, method: 0, wide: true, ("data.pkl", OneTensor().Bytes), ("data/0", new byte[24]));
        using var file = TensorFile.Open(Target);
        Assert.Equal(new float[6], Floats(file, "a"));
    }

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch.hub", "load")]
    [InlineData("pytorch_lightning.callbacks.model_checkpoint", "ModelCheckpoint")]
    public void A_pickle_that_names_anything_else_is_refused_with_the_name(string module, string name)
    {
        RawArchive.Write(Target, new RawPickle().Global(module, name).Do("(").Text("touch /tmp/owned").Do("tR."));
        Assert.Contains($"{module}.{name}", Refused(TorchFileProblem.Global).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((byte)'i', "Inst")]
    [InlineData((byte)'o', "Obj")]
    [InlineData((byte)0x81, "NewObj")]
    [InlineData((byte)0x92, "NewObjEx")]
    [InlineData((byte)0x93, "StackGlobal")]
    [InlineData((byte)0x82, "Ext1")]
    [InlineData((byte)'P', "PersId")]
    [InlineData((byte)0xff, "0xff")]
    public void Instructions_that_tensors_have_no_need_of_are_refused_by_name(byte opcode, string name)
    {
        RawArchive.Write(Target, new RawPickle().Do("})").Raw(opcode).Do("os\nsystem\n."));
        Assert.Contains(name, Refused(TorchFileProblem.Opcode).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Attributes_are_set_on_dictionaries_alone()
    {
        RawArchive.Write(Target, new RawPickle().Do("]}b."));
        Assert.Contains("Build", Refused(TorchFileProblem.Opcode).Message, StringComparison.Ordinal);
        RawArchive.Write(Target, new RawPickle().Raw(0x80, 4).Do("}."));
        Assert.Contains("protocol 4", Refused(TorchFileProblem.Opcode).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pickles_that_contradict_themselves_are_damaged()
    {
        RawPickle[] wrong =
        [
            new RawPickle().Do("."), new RawPickle().Do("NN."), new RawPickle().Do("(."), new RawPickle().Do("t."), new RawPickle().Do("a."), new RawPickle().Do("N(a."),
            new RawPickle().Do("N").Text("k").Do("Ns."), new RawPickle().Do("}(Nu."), new RawPickle().Do("NR."), new RawPickle().Do(")NR."), new RawPickle().Do("NQ."),
            new RawPickle().Raw((byte)'h', 9), new RawPickle().Raw((byte)'X', 255, 255, 255, 255), new RawPickle().Raw(0x8a, 9).Raw(new byte[9]), new RawPickle().Do("c"), new RawPickle().Raw((byte)'X', 1, 0, 0, 0, 0xff),
            new RawPickle().Global("torch", "FloatStorage").Do(")R."), new RawPickle().Global("torch._utils", "_rebuild_tensor_v2").Do(")R."), new RawPickle().Global("collections", "OrderedDict").Do("(NtR."),
            new RawPickle(),
        ];
        foreach (var pickle in wrong)
        {
            RawArchive.Write(Target, pickle);
            Refused(TorchFileProblem.Pickle);
        }
    }

    [Fact]
    public void No_pickle_makes_the_reader_fail_in_another_way()
    {
        var whole = OneTensor().Bytes;
        var random = new Random(1);
        for (var i = 0; i < 400; i++)
        {
            byte[] bytes = [.. whole];
            for (var change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            RawArchive.Write(Target, method: 0, wide: false, ("data.pkl", bytes[..random.Next(2, bytes.Length + 1)]), ("data/0", new byte[24]));
            try
            {
                TensorFile.Open(Target).Dispose();
            }
            catch (TorchFileException)
            {
                // Everything else fails the test.
            }
        }
    }

    [Fact]
    public void A_stack_or_memo_beyond_all_need_is_refused()
    {
        RawArchive.Write(Target, new RawPickle().Do(new string('N', (1 << 20) + 1)));
        Refused(TorchFileProblem.Limit);
        RawArchive.Write(Target, new RawPickle().Do(new string('(', (1 << 20) + 1)));
        Refused(TorchFileProblem.Limit);
    }

    [Theory]
    [InlineData(6, 1, new long[] { 2, 3 }, new long[] { 3, 1 })]
    [InlineData(7, 0, new long[] { 2, 3 }, new long[] { 3, 1 })]
    [InlineData(6, -1, new long[] { 2, 3 }, new long[] { 3, 1 })]
    [InlineData(6, 0, new long[] { -2, 3 }, new long[] { 3, 1 })]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { -3, 1 })]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 1 })]
    [InlineData(6, 0, new long[] { 1000000, 1000000 }, new long[] { 0, 0 })]
    [InlineData(6, 0, new long[] { long.MaxValue, 3 }, new long[] { 0, 0 })]
    [InlineData(long.MaxValue, 0, new long[] { 6 }, new long[] { 1 })]
    public void Tensors_that_reach_outside_of_their_storage_are_refused(long count, long first, long[] shape, long[] strides)
    {
        RawArchive.Write(Target, OneTensor(count, first, shape, strides), [1, 2, 3, 4, 5, 6]);
        Assert.Contains("'a'", Refused(TorchFileProblem.Tensor).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_storage_that_is_not_in_the_archive_is_told()
    {
        RawArchive.Write(Target, OneTensor());
        Refused(TorchFileProblem.Tensor);
    }

    [Fact]
    public void Turning_about_the_same_storage_a_thousand_times_is_refused()
    {
        var pickle = new RawPickle().Do("}(");
        for (var i = 0; i < 1000; i++)
            pickle.Text($"{i}").Tensor("FloatStorage", "0", 1 << 16, 0, [256, 256], [1, 256]);
        RawArchive.Write(Target, pickle.Do("u."), new float[1 << 16]);
        Refused(TorchFileProblem.Limit);
    }

    [Fact]
    public void What_holds_no_dictionary_of_tensors_is_refused()
    {
        foreach (var pickle in new[] { new RawPickle().Do("]."), new RawPickle().Do("}."), new RawPickle().Do("}").Text("a").Do("Ns.") })
        {
            RawArchive.Write(Target, pickle);
            Refused(TorchFileProblem.Contents);
        }
    }

    [Fact]
    public void Archives_that_are_damaged_compressed_or_something_else_are_refused()
    {
        RawArchive.Write(Target, method: 8, wide: false, ("data.pkl", OneTensor().Bytes));
        Assert.Contains("compressed", Refused(TorchFileProblem.Archive).Message, StringComparison.Ordinal);
        RawArchive.Write(Target, method: 0, wide: false, ("mimetype", [1, 2, 3]));
        Assert.Contains("data.pkl", Refused(TorchFileProblem.Archive).Message, StringComparison.Ordinal);
        RawArchive.Write(Target, method: 0, wide: false, ("data.pkl", OneTensor().Bytes), ("data.pkl", OneTensor().Bytes));
        Refused(TorchFileProblem.Archive);
        RawArchive.Write(Target, method: 0, wide: false, ("data.pkl", OneTensor().Bytes), ("byteorder", "big"u8.ToArray()));
        Refused(TorchFileProblem.Archive);
        RawArchive.Write(Target, OneTensor(), [1, 2, 3, 4, 5, 6]);
        var whole = File.ReadAllBytes(Target);
        for (var length = 16; length < whole.Length; length += 7)
        {
            File.WriteAllBytes(Target, whole[..length]);
            Refused(TorchFileProblem.Archive);
        }
    }

    [Fact]
    public void Files_of_old_PyTorch_are_told_apart()
    {
        File.WriteAllBytes(Target, [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]);
        Refused(TorchFileProblem.Legacy);
        byte[] tar = new byte[1024];
        "ustar"u8.CopyTo(tar.AsSpan(257));
        File.WriteAllBytes(Target, tar);
        Refused(TorchFileProblem.Legacy);
    }

    [Theory]
    [InlineData("\u0080\u0002}X\u0001\0\0\0acposix\nsystem\nX\u0002\0\0\0ls\u0085Rs.", TorchFileProblem.Global, "posix.system")]
    [InlineData("cos\nsystem\n(S'ls'\ntR.", TorchFileProblem.Global, "os.system")]
    [InlineData("(dp0\nVa\np1\ncposix\nsystem\n.", TorchFileProblem.Opcode, "Dict")]
    [InlineData("\u0080\u0004\u0095\u0010\0\0\0\0\0\0\0}.", TorchFileProblem.Opcode, "protocol 4")]
    [InlineData("\u0080\u0002}q\0.", TorchFileProblem.Legacy, "before 1.6")]
    [InlineData("\u0080\u0002}q", TorchFileProblem.Pickle, "cut short")]
    public void A_pickle_without_an_archive_is_refused_with_what_it_asks_for(string bytes, TorchFileProblem problem, string named)
    {
        File.WriteAllBytes(Target, System.Text.Encoding.Latin1.GetBytes(bytes));
        Assert.Contains(named, Refused(problem).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Safetensors_files_are_opened_whatever_their_name()
    {
        File.Copy(TestFiles.Fixture("formats/hash_small.safetensors"), Target);
        using var file = TensorFile.Open(Target);
        Assert.NotEmpty(file.Metadata);
    }

    private TorchFileException Refused(TorchFileProblem problem)
    {
        var e = Assert.Throws<TorchFileException>(() => TensorFile.Open(Target));
        Assert.Equal((problem, $"InvalidTorchFile{problem}", Target), (e.Problem, e.ErrorId, e.Target));
        return e;
    }

    private static float[] Floats(SafetensorsFile file, string name) => [.. System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(file.ReadBytes(name))];

    public void Dispose() => _folder.Dispose();
}
