using System.Text;
using LoraPS.Engine.Formats;

namespace LoraPS.Engine.Tests.Formats.Torch;

/// <summary>Zip archives written byte by byte, as torch.save lays them out: stored, contents aligned to 64 bytes.</summary>
internal static class RawArchive
{
    private const int Alignment = 64;

    /// <summary>Writes an archive.</summary>
    /// <param name="path">Where.</param>
    /// <param name="method">How the directory says the contents are compressed.</param>
    /// <param name="wide">Give all lengths and places in 64 bits.</param>
    /// <param name="entries">Names in the archive's folder, and contents.</param>
    public static string Write(string path, int method, bool wide, params (string Name, byte[] Contents)[] entries)
    {
        var file = new List<byte>();
        var directory = new List<byte>();
        foreach (var (name, contents) in entries)
        {
            var (start, utf8) = (file.Count, Encoding.UTF8.GetBytes("archive/" + name));
            var padding = (Alignment - ((start + 30 + utf8.Length + 4) % Alignment)) % Alignment;
            Put(file, 0x04034b50u, (ushort)0, (ushort)0x0808, (ushort)method, 0u, 0u, (uint)contents.Length, (uint)contents.Length, (ushort)utf8.Length, (ushort)(4 + padding), utf8, (ushort)0x4246, (ushort)padding, new byte[padding], contents);
            var length = wide ? uint.MaxValue : (uint)contents.Length;
            byte[] extra = wide ? [1, 0, 24, 0, .. BitConverter.GetBytes((long)contents.Length), .. BitConverter.GetBytes((long)contents.Length), .. BitConverter.GetBytes((long)start)] : [];
            Put(directory, 0x02014b50u, (ushort)0, (ushort)0, (ushort)0x0808, (ushort)method, 0u, 0u, length, length, (ushort)utf8.Length, (ushort)extra.Length, (ushort)0, (ushort)0, (ushort)0, 0u, wide ? uint.MaxValue : (uint)start, utf8, extra);
        }

        var at = file.Count;
        file.AddRange(directory);
        if (wide)
        {
            var record = file.Count;
            Put(file, 0x06064b50u, 44L, (ushort)0, (ushort)0, 0u, 0u, (long)entries.Length, (long)entries.Length, (long)directory.Count, (long)at);
            Put(file, 0x07064b50u, 0u, (long)record, 1u);
        }

        Put(file, 0x06054b50u, (ushort)0, (ushort)0, (ushort)entries.Length, (ushort)entries.Length, wide ? uint.MaxValue : (uint)directory.Count, wide ? uint.MaxValue : (uint)at, (ushort)0);
        File.WriteAllBytes(path, [.. file]);
        return path;
    }

    /// <summary>Writes an archive with a pickle and float32 storages "0", "1" …</summary>
    public static string Write(string path, RawPickle pickle, params float[][] storages) => Write(
        path, method: 0, wide: false,
        [("data.pkl", pickle.Bytes), ("byteorder", "little"u8.ToArray()), .. storages.Select((numbers, i) => ($"data/{i}", numbers.SelectMany(BitConverter.GetBytes).ToArray()))]);

    /// <summary>Writes the tensors of a safetensors file as torch.save does.</summary>
    /// <param name="path">Where.</param>
    /// <param name="safetensors">The file.</param>
    /// <param name="wrapped">Under "state_dict", beside the state of a training.</param>
    public static string WriteCopy(string path, string safetensors, bool wrapped)
    {
        using var file = SafetensorsFile.Open(safetensors);
        var pickle = new RawPickle();
        if (wrapped)
            pickle.Do("}(").Text("epoch").Int(7).Text("lr").Double(0.5).Text("state_dict");
        pickle.Do("}(");
        var entries = new List<(string, byte[])>();
        foreach (var (i, info) in file.Tensors.Index())
        {
            var count = info.ByteCount / info.DType.ByteSize();
            pickle.Text(info.Name).Tensor(Storage(info.DType), $"{i}", count, 0, [.. info.Shape], Strides(info.Shape));
            entries.Add(($"data/{i}", file.ReadBytes(info.Name)));
        }

        pickle.Do(wrapped ? "uu." : "u.");
        return Write(path, method: 0, wide: false, [("data.pkl", pickle.Bytes), .. entries]);
    }

    private static string Storage(SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.F32 => "FloatStorage", SafetensorsDType.F16 => "HalfStorage", SafetensorsDType.I64 => "LongStorage",
        _ => throw new NotSupportedException(dtype.ToString()),
    };

    private static long[] Strides(IReadOnlyList<long> shape)
    {
        var strides = new long[shape.Count];
        var next = 1L;
        for (var i = shape.Count - 1; i >= 0; i--)
            (strides[i], next) = (next, next * shape[i]);
        return strides;
    }

    private static void Put(List<byte> bytes, params object[] values)
    {
        foreach (var value in values)
        {
            bytes.AddRange(value switch
            {
                ushort number => BitConverter.GetBytes(number),
                uint number => BitConverter.GetBytes(number),
                long number => BitConverter.GetBytes(number),
                _ => (byte[])value,
            });
        }
    }
}
