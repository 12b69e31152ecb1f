using System.Text;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using LoraPS.Engine.Formats;
using static LoraPS.Engine.Tests.Formats.RawSafetensors;

namespace LoraPS.Engine.Tests.Formats;

public class SafetensorsHeaderTests
{
    private const string Path = "x.safetensors";

    public static TheoryData<SafetensorsProblem, string, int> BrokenHeaders => new()
    {
        { SafetensorsProblem.HeaderJson, "", 0 },
        { SafetensorsProblem.HeaderJson, "[]", 0 },
        { SafetensorsProblem.HeaderJson, "{", 0 },
        { SafetensorsProblem.HeaderJson, "{} {}", 0 },
        { SafetensorsProblem.HeaderJson, "{\"a\":1}", 0 },
        { SafetensorsProblem.HeaderJson, "{\"\\ud800\":1}", 0 },
        { SafetensorsProblem.HeaderJson, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", 4 },
        { SafetensorsProblem.HeaderJson, "{\"a\":{\"dtype\":null,\"shape\":[1],\"data_offsets\":[0,4]}}", 4 },
        { SafetensorsProblem.HeaderJson, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4,8]}}", 4 },
        { SafetensorsProblem.DuplicateKey, "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"\\u0061\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0 },
        { SafetensorsProblem.DuplicateKey, "{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0 },
        { SafetensorsProblem.Metadata, "{\"__metadata__\":{\"k\":1}}", 0 },
        { SafetensorsProblem.Metadata, "{\"__metadata__\":[]}", 0 },
        { SafetensorsProblem.DType, One("[1]", 0, 4, "F33"), 4 },
        { SafetensorsProblem.DType, One("[1]", 0, 4, "f32"), 4 },
        { SafetensorsProblem.Shape, One("[-1]", 0, 4), 4 },
        { SafetensorsProblem.Shape, One("[1.0]", 0, 4), 4 },
        { SafetensorsProblem.Shape, One("[18446744073709551616]", 0, 4), 4 },
        { SafetensorsProblem.ShapeOverflow, One("[4611686018427387904,4]", 0, 4), 4 },
        { SafetensorsProblem.ShapeOverflow, One("[4611686018427387904]", 0, 4), 4 },
        { SafetensorsProblem.OffsetOutOfRange, One("[1]", 4, 0), 4 },
        { SafetensorsProblem.OffsetOutOfRange, One("[1]", -4, 0), 4 },
        { SafetensorsProblem.OffsetGap, One("[1]", 4, 8), 8 },
        { SafetensorsProblem.OffsetOverlap, "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}}", 12 },
        { SafetensorsProblem.OffsetOverlap, "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4 },
        { SafetensorsProblem.TensorSize, One("[2]", 0, 4), 4 },
        { SafetensorsProblem.TensorSize, One("[]", 0, 8), 8 },
        { SafetensorsProblem.IncompleteBuffer, One("[2]", 0, 8), 7 },
        { SafetensorsProblem.TrailingBytes, One("[2]", 0, 8), 9 },
        { SafetensorsProblem.TrailingBytes, "{}", 1 },
    };

    [Theory]
    [MemberData(nameof(BrokenHeaders))]
    public void Each_broken_rule_has_its_own_error(SafetensorsProblem problem, string json, int dataLength)
    {
        var e = Assert.Throws<SafetensorsFormatException>(() => Read(Bytes(json, dataLength)));
        Assert.Equal(problem, e.Problem);
        Assert.Equal($"InvalidSafetensors{problem}", e.ErrorId);
        Assert.Contains(Path, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_file_shorter_than_the_length_prefix_is_too_small(int length) =>
        Assert.Equal(SafetensorsProblem.HeaderTooSmall, Assert.Throws<SafetensorsFormatException>(() => Read(new byte[length])).Problem);

    [Theory]
    [InlineData(100_000_001UL, SafetensorsProblem.HeaderTooLarge)]
    [InlineData(ulong.MaxValue, SafetensorsProblem.HeaderTooLarge)]
    [InlineData(100_000_000UL, SafetensorsProblem.HeaderLength)]
    [InlineData(3UL, SafetensorsProblem.HeaderLength)]
    public void A_header_longer_than_allowed_or_than_the_file_is_refused(ulong announced, SafetensorsProblem problem) =>
        Assert.Equal(problem, Assert.Throws<SafetensorsFormatException>(() => Read([.. BitConverter.GetBytes(announced), .. "{}"u8])).Problem);

    [Fact]
    public void A_header_that_is_not_UTF8_is_refused() =>
        Assert.Equal(SafetensorsProblem.HeaderUtf8, Assert.Throws<SafetensorsFormatException>(() => Read(Bytes([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)'}']))).Problem);

    [Theory]
    [InlineData("{}")]
    [InlineData("{}\r \t\n")]
    [InlineData("\t\n{} ")]
    [InlineData("{\"__metadata__\":null}")]
    public void White_space_around_the_header_and_a_file_without_tensors_are_fine(string json)
    {
        var header = Read(Bytes(json));
        Assert.Empty(header.Tensors);
        Assert.Empty(header.Metadata);
    }

    [Fact]
    public void Fields_that_are_not_known_are_ignored() =>
        Assert.Single(Read(Bytes("{\"a\":{\"dtype\":\"U8\",\"x\":{\"y\":[1]},\"shape\":[1],\"data_offsets\":[0,1]}}", 1)).Tensors);

    [Fact]
    public void Tensors_come_in_the_order_of_their_bytes_whatever_the_header_says()
    {
        var header = Read(Bytes("{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]},\"e\":{\"dtype\":\"I64\",\"shape\":[0,3],\"data_offsets\":[4,4]},\"b\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", 6));
        Assert.Equal(["b", "e", "a"], header.Tensors.Select(t => t.Name));
        Assert.Empty(header.Tensors[0].Shape);
        Assert.Equal([0L, 3L], header.Tensors[1].Shape);
        Assert.Equal(header.Tensors[0].Offset + 4, header.Tensors[2].Offset);
    }

    [Property(MaxTest = 500)]
    public Property A_damaged_header_is_read_or_refused_and_nothing_else(NonNegativeInt position, byte value, bool insert)
    {
        var bytes = File.ReadAllBytes(TestFiles.Fixture("formats/hash_small.safetensors")).ToList();
        var at = position.Get % (8 + BitConverter.ToInt32([.. bytes.Take(4)]));
        if (insert)
            bytes.Insert(at, value);
        else
            bytes[at] = value;
        return IsReadOrRefused([.. bytes]).ToProperty();
    }

    [Property(MaxTest = 200)]
    public Property A_truncated_file_is_refused(NonNegativeInt length)
    {
        var bytes = File.ReadAllBytes(TestFiles.Fixture("formats/hash_small.safetensors"));
        var kept = bytes[..(length.Get % bytes.Length)];
        return Throws(kept).ToProperty();
    }

    private static SafetensorsHeader Read(byte[] file) => SafetensorsHeader.Read(new MemoryStream(file), Path);

    private static bool IsReadOrRefused(byte[] file)
    {
        _ = Throws(file);
        return true;
    }

    private static bool Throws(byte[] file)
    {
        try
        {
            Read(file);
            return false;
        }
        catch (SafetensorsFormatException)
        {
            return true;
        }
    }
}
