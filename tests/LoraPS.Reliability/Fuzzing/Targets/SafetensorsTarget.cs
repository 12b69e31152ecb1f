using LoraPS.Engine.Formats;
using LoraPS.Engine.Tests;
using LoraPS.Engine.Tests.Formats;

namespace LoraPS.Reliability.Fuzzing.Targets;

/// <summary>Headers of safetensors files.</summary>
internal sealed class SafetensorsTarget : FuzzTarget
{
    public override string Name => "safetensors";

    public override int Inputs => 100_000;

    protected override IReadOnlyList<byte[]> Seeds { get; } =
    [
        RawSafetensors.Bytes(RawSafetensors.One("[2,2]", 0, 16), 16)[8..],
        File.ReadAllBytes(TestFiles.Fixture("formats/hash_small.safetensors"))[8..],
        RawSafetensors.Bytes("{\"__metadata__\":{\"a\":\"b\"},\"e\":{\"dtype\":\"I64\",\"shape\":[0,3],\"data_offsets\":[0,0]},\"f\":{\"dtype\":\"F16\",\"shape\":[],\"data_offsets\":[0,2]}}", 2)[8..],
    ];

    protected override IReadOnlyList<byte[]> Tokens { get; } = Utf8(
        "\"dtype\"", "\"shape\"", "\"data_offsets\"", "\"__metadata__\"", "\"F32\"", "\"BF16\"", "\"F8_E4M3\"", "[0,0]", "[1,1,1,1,1,1,1,1]", "1,", "{\"a\":", "\"a\":\"b\",", "[[", "/**/", "[4611686018427387904,4]");

    public override void Try(byte[] input, string folder) => SafetensorsHeader.Read(new MemoryStream(input), "x.safetensors");

    /// <summary>Mostly with a length that leads to the end of the JSON.</summary>
    protected override byte[] Shape(Random random, byte[] changed)
    {
        if (random.Next(10) == 0)
            return changed;
        var end = Array.LastIndexOf(changed, (byte)'}') + 1;
        return [.. BitConverter.GetBytes((long)(random.Next(10) == 0 ? random.Next(changed.Length + 2) : end)), .. changed];
    }
}
