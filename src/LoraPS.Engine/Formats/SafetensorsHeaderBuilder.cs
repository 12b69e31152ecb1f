using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace LoraPS.Engine.Formats;

/// <summary>Makes the header bytes of a file, exactly as the safetensors library does.</summary>
/// <remarks>
/// Compact JSON, metadata first, tensors by falling rank of their type and then by name (as UTF-8), padded with spaces to a
/// multiple of 8. The bytes matter and not only the meaning: the legacy hash of a LoRA depends on the header's length.
/// System.Text.Json escapes characters outside the basic plane, which the library does not; hence the text is built here.
/// </remarks>
internal static class SafetensorsHeaderBuilder
{
    private const int Alignment = 8;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts the tensors in the order in which the file holds them.</summary>
    public static List<TensorSpec> Order(IEnumerable<TensorSpec> tensors) =>
        [.. tensors.OrderByDescending(t => t.DType).ThenBy(t => StrictUtf8.GetBytes(t.Name), Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b)))];

    /// <summary>The length prefix and the padded JSON.</summary>
    /// <param name="ordered">Tensors as <see cref="Order"/> returns them.</param>
    /// <param name="metadata">Written in the order given; null for a file without metadata.</param>
    /// <exception cref="ArgumentException">A name occurs twice, is reserved, or is not valid Unicode; or the header is too large.</exception>
    public static byte[] Build(IReadOnlyList<TensorSpec> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = StrictUtf8.GetBytes(Json(ordered, metadata));
        var length = (json.Length + Alignment - 1) / Alignment * Alignment;
        if (length > SafetensorsHeader.MaxLength)
            throw new ArgumentException($"The header would take {length} bytes, readers refuse more than {SafetensorsHeader.MaxLength}. Leave out metadata.", nameof(metadata));

        var bytes = new byte[sizeof(ulong) + length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)length);
        json.CopyTo(bytes, sizeof(ulong));
        bytes.AsSpan(sizeof(ulong) + json.Length).Fill((byte)' ');
        return bytes;
    }

    private static string Json(IReadOnlyList<TensorSpec> ordered, IReadOnlyDictionary<string, string>? metadata)
    {
        var json = new StringBuilder("{");
        if (metadata is not null)
        {
            json.Append("\"__metadata__\":{");
            foreach (var (key, value) in metadata)
                AppendText(AppendText(json, key).Append(':'), value).Append(',');
            CloseWith(json, '}').Append(',');
        }

        var offset = 0L;
        var names = new HashSet<string>(StringComparer.Ordinal) { "__metadata__" };
        foreach (var tensor in ordered)
        {
            if (!names.Add(tensor.Name))
                throw new ArgumentException($"The tensor name '{tensor.Name}' is reserved or occurs twice.", nameof(ordered));
            var end = checked(offset + tensor.ByteCount);
            AppendText(json, tensor.Name).Append(CultureInfo.InvariantCulture,
                $$""":{"dtype":"{{tensor.DType.Token()}}","shape":[{{string.Join(',', tensor.Shape)}}],"data_offsets":[{{offset}},{{end}}]},""");
            offset = end;
        }

        return CloseWith(json, '}').ToString();
    }

    private static StringBuilder CloseWith(StringBuilder json, char bracket)
    {
        if (json[^1] == ',')
            json.Length--;
        return json.Append(bracket);
    }

    private static StringBuilder AppendText(StringBuilder json, string text)
    {
        json.Append('"');
        foreach (var c in text)
        {
            _ = c switch
            {
                '"' => json.Append("\\\""),
                '\\' => json.Append(@"\\"),
                '\b' => json.Append(@"\b"),
                '\f' => json.Append(@"\f"),
                '\n' => json.Append(@"\n"),
                '\r' => json.Append(@"\r"),
                '\t' => json.Append(@"\t"),
                < ' ' => json.Append(CultureInfo.InvariantCulture, $@"\u{(int)c:x4}"),
                _ => json.Append(c),
            };
        }

        return json.Append('"');
    }
}
