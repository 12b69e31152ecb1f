using System.Buffers.Binary;
using System.Text;

namespace LoraPS.Engine.Tests.Formats.Torch;

/// <summary>A pickle written instruction by instruction, right or wrong.</summary>
internal sealed class RawPickle
{
    private readonly List<byte> _bytes = [0x80, 2];

    public byte[] Bytes => [.. _bytes];

    /// <summary>Single-byte instructions, by their letters.</summary>
    public RawPickle Do(string letters)
    {
        _bytes.AddRange(letters.Select(letter => (byte)letter));
        return this;
    }

    public RawPickle Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public RawPickle Global(string module, string name) => Do($"c{module}\n{name}\n");

    public RawPickle Text(string text)
    {
        var utf8 = Encoding.UTF8.GetBytes(text);
        return Do("X").Raw(BitConverter.GetBytes(utf8.Length)).Raw(utf8);
    }

    public RawPickle Int(long number) => number switch
    {
        >= 0 and < 256 => Raw((byte)'K', (byte)number),
        >= 256 and < 65536 => Raw((byte)'M', (byte)number, (byte)(number >> 8)),
        >= int.MinValue and <= int.MaxValue => Do("J").Raw(BitConverter.GetBytes((int)number)),
        _ => Raw(0x8a, 8).Raw(BitConverter.GetBytes(number)),
    };

    public RawPickle Double(double number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleBigEndian(bytes, number);
        return Do("G").Raw(bytes);
    }

    public RawPickle Ints(IEnumerable<long> numbers)
    {
        Do("(");
        foreach (var number in numbers)
            Int(number);
        return Do("t");
    }

    /// <summary>A tensor as torch.save writes it: a call with a storage named by a persistent id.</summary>
    public RawPickle Tensor(string storageType, string key, long count, long first, long[] shape, long[] strides) =>
        Global("torch._utils", "_rebuild_tensor_v2")
            .Do("((").Text("storage").Global("torch", storageType).Text(key).Text("cpu").Int(count).Do("tQ")
            .Int(first).Ints(shape).Ints(strides).Raw(0x89).Global("collections", "OrderedDict").Do(")RtR");
}
