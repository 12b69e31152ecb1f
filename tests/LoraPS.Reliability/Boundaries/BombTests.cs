using System.IO.Compression;
using System.Text;
using LoraPS.Engine.Data;
using LoraPS.Engine.Data.Configuration;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Formats.Torch;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Formats;
using LoraPS.Engine.Tests.Formats.Torch;

namespace LoraPS.Reliability.Boundaries;

/// <summary>Small files that ask for much: memory, time, or stack.</summary>
public sealed class BombTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_pickle_of_millions_of_objects_is_refused() =>
        Assert.Equal(TorchFileProblem.Limit, Refused(new RawPickle().Do("]" + string.Concat(Enumerable.Repeat("(" + new string('}', 100_000) + "e", 50)) + ".")));

    [Fact]
    public void A_tensor_of_a_hundred_thousand_dimensions_is_refused()
    {
        long[] shape = [2, .. Enumerable.Repeat(1L, 100_000)], strides = [2, .. Enumerable.Repeat(1L, 100_000)];
        Assert.Equal(TorchFileProblem.Tensor, Refused(new RawPickle().Do("}").Text("a").Tensor("FloatStorage", "0", 6, 0, shape, strides).Do("s.")));
        var error = Assert.Throws<SafetensorsFormatException>(() => SafetensorsHeader.Read(
            new MemoryStream(RawSafetensors.Bytes(RawSafetensors.One($"[{string.Join(',', Enumerable.Repeat(1, 100_000))}]", 0, 4), 4)), "x"));
        Assert.Equal(SafetensorsProblem.Shape, error.Problem);
    }

    /// <summary>Each tensor turns the storage about and takes two numbers of it: little is copied, and much read.</summary>
    [Fact]
    public void A_storage_that_is_turned_about_a_thousand_times_is_refused()
    {
        var pickle = new RawPickle().Do("}(");
        for (var i = 0; i < 1000; i++)
            pickle.Text($"{i}").Tensor("FloatStorage", "0", 1 << 20, 0, [2], [1000]);
        RawArchive.Write(_folder.File("x.pt"), pickle.Do("u."), new float[1 << 20]);
        Assert.Equal(TorchFileProblem.Limit, Assert.Throws<TorchFileException>(() => TensorFile.Open(_folder.File("x.pt"))).Problem);
    }

    [Theory]
    [InlineData("x.toml", "a = ", "[")]
    [InlineData("x.toml", "a = ", "{a=")]
    [InlineData("x.toml", "a = \"]]]]\"\nb = ", "['x', ")]
    [InlineData("x.json", "{\"a\":", "[")]
    public void Brackets_in_brackets_are_refused_before_the_stack_is_full(string name, string start, string repeated) =>
        Assert.Throws<DatasetConfigException>(() => Read(name, start + string.Concat(Enumerable.Repeat(repeated, 100_000))));

    [Fact]
    public void A_configuration_of_one_long_line_is_read_in_little_time() =>
        Assert.Throws<DatasetConfigException>(() => Read("x.json", "{\"a\":[" + string.Concat(Enumerable.Repeat("1,", 500_000)) + "1]}"));

    [Fact]
    public void A_configuration_larger_than_any_is_refused() =>
        Assert.Contains("more than", Assert.Throws<DatasetConfigException>(() => Read("x.toml", new string('\n', 5 << 20))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_that_unpacks_to_gigabytes_is_refused()
    {
        var path = _folder.File("bpe_simple_vocab_16e6.txt.gz");
        using (var gzip = new GZipStream(File.Create(path), CompressionLevel.Fastest))
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i < 256; i++)
                gzip.Write(zeros);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TokenizerFormatException>(() => ClipVocabulary.Load(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200 << 20);
    }

    [Fact]
    public void A_prompt_of_a_hundred_thousand_brackets_is_read_in_little_time()
    {
        Assert.NotEmpty(PromptAttention.Parse(string.Concat(Enumerable.Repeat("(a", 100_000))));
        Assert.NotEmpty(PromptAttention.Parse(string.Concat(Enumerable.Repeat("a:", 100_000))));
    }

    [Fact]
    public void A_picture_that_announces_more_pixels_than_there_is_memory_for_is_left_out()
    {
        var png = new List<byte>([0x89, .. "PNG\r\n\u001a\n"u8]);
        Chunk(png, "IHDR", [0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60, 8, 6, 0, 0, 0]);
        Chunk(png, "IDAT", [0x78, 0x9c, 0x63, 0, 0, 0, 1, 0, 1]);
        Chunk(png, "IEND", []);
        File.WriteAllBytes(_folder.File("1.png"), [.. png]);
        var dataset = LoraDataset.FromFolder(_folder.Path, new DatasetOptions { Resolution = new ImageSize(64, 64) }, new SubsetOptions());
        var error = Assert.Throws<ImageUnreadableException>(() => ImageTransform.Load(dataset.Entries[0]));
        Assert.Contains("60000x60000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_caption_of_a_gigabyte_is_refused()
    {
        using (var file = File.Create(_folder.File("1.txt")))
            file.SetLength(1 << 30);
        Assert.Throws<CaptionUnreadableException>(() => CaptionReader.Read(_folder.File("1.png"), ".txt", allLines: true));
    }

    public void Dispose() => _folder.Dispose();

    private static void Chunk(List<byte> png, string name, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(name), .. data];
        png.AddRange(BitConverter.GetBytes(data.Length).Reverse());
        png.AddRange(body);
        png.AddRange(BitConverter.GetBytes(Crc32(body)).Reverse());
    }

    private static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0xedb88320);
        }

        return ~crc;
    }

    private TorchFileProblem Refused(RawPickle pickle)
    {
        RawArchive.Write(_folder.File("x.pt"), pickle, new float[6]);
        return Assert.Throws<TorchFileException>(() => TensorFile.Open(_folder.File("x.pt"))).Problem;
    }

    private object Read(string name, string text)
    {
        File.WriteAllText(_folder.File(name), text);
        return DatasetConfigReader.Read(_folder.File(name));
    }
}
