using System.Text;

namespace LoraPS.Engine.Tests.Formats;

/// <summary>Files written byte by byte, right or wrong.</summary>
internal static class RawSafetensors
{
    public static byte[] Bytes(string json, int dataLength = 0) => Bytes(Encoding.UTF8.GetBytes(json), dataLength);

    public static byte[] Bytes(byte[] header, int dataLength = 0) =>
        [.. BitConverter.GetBytes((ulong)header.Length), .. header, .. Enumerable.Range(0, dataLength).Select(i => (byte)i)];

    /// <summary>A header of one tensor "a".</summary>
    public static string One(string shape, int begin, int end, string dtype = "F32") =>
        "{\"a\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + $",\"data_offsets\":[{begin},{end}]" + "}}";
}
