using static TorchSharp.torch;

namespace LoraPS.Engine.Formats;

/// <summary>What each <see cref="SafetensorsDType"/> is called in a file, how large it is, and which torch type it is.</summary>
public static class SafetensorsDTypes
{
    /// <summary>All names, as files spell them.</summary>
    public static string AllTokens { get; } = string.Join(", ", Enum.GetValues<SafetensorsDType>().Reverse().Select(Token));

    /// <summary>The name used in a file's header, such as "BF16" or "BOOL".</summary>
    public static string Token(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.Bool => "BOOL",
        _ => dtype.ToString(),
    };

    /// <summary>Bytes an element.</summary>
    public static int ByteSize(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.Bool or SafetensorsDType.U8 or SafetensorsDType.I8 => 1,
        SafetensorsDType.I16 or SafetensorsDType.F16 or SafetensorsDType.BF16 => 2,
        SafetensorsDType.I32 or SafetensorsDType.F32 => 4,
        SafetensorsDType.F64 or SafetensorsDType.I64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, null),
    };

    /// <summary>True for F64, F32, F16 and BF16.</summary>
    public static bool IsFloatingPoint(this SafetensorsDType dtype) =>
        dtype is SafetensorsDType.F64 or SafetensorsDType.F32 or SafetensorsDType.F16 or SafetensorsDType.BF16;

    /// <summary>The torch type with the same bytes.</summary>
    public static ScalarType ToScalarType(this SafetensorsDType dtype) => dtype switch
    {
        SafetensorsDType.Bool => ScalarType.Bool,
        SafetensorsDType.U8 => ScalarType.Byte,
        SafetensorsDType.I8 => ScalarType.Int8,
        SafetensorsDType.I16 => ScalarType.Int16,
        SafetensorsDType.F16 => ScalarType.Float16,
        SafetensorsDType.BF16 => ScalarType.BFloat16,
        SafetensorsDType.I32 => ScalarType.Int32,
        SafetensorsDType.F32 => ScalarType.Float32,
        SafetensorsDType.F64 => ScalarType.Float64,
        SafetensorsDType.I64 => ScalarType.Int64,
        _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, null),
    };

    /// <summary>The file type with the same bytes.</summary>
    /// <exception cref="ArgumentException">safetensors files hold no such type (complex and quantised numbers).</exception>
    public static SafetensorsDType ToSafetensorsDType(this ScalarType type) =>
        Enum.GetValues<SafetensorsDType>().Cast<SafetensorsDType?>().FirstOrDefault(dtype => dtype!.Value.ToScalarType() == type)
        ?? throw new ArgumentException($"A safetensors file cannot hold {type}; it holds {AllTokens}.", nameof(type));

    /// <summary>Reads a name as files spell it.</summary>
    public static bool TryParse(string token, out SafetensorsDType dtype)
    {
        foreach (var candidate in Enum.GetValues<SafetensorsDType>())
        {
            if (string.Equals(candidate.Token(), token, StringComparison.Ordinal))
            {
                dtype = candidate;
                return true;
            }
        }

        dtype = default;
        return false;
    }
}
