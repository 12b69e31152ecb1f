using System.Text.Json;

namespace LoraPS.Engine.Formats;

/// <summary>Turns a header's JSON into tensors, checking each tensor by itself.</summary>
/// <param name="path">Named in errors.</param>
/// <param name="dataStart">Where the tensors' bytes start in the file.</param>
internal sealed class SafetensorsHeaderParser(string path, long dataStart)
{
    private const string MetadataKey = "__metadata__";

    private readonly List<TensorInfo> _tensors = [];
    private readonly OrderedDictionary<string, string> _metadata = [];

    /// <summary>Reads the whole header.</summary>
    /// <param name="json">Valid UTF-8.</param>
    public (List<TensorInfo> Tensors, OrderedDictionary<string, string> Metadata) Parse(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json);
            reader.Read();
            Expect(reader, JsonTokenType.StartObject);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            while (ReadKey(ref reader, seen) is { } key)
            {
                if (key == MetadataKey)
                    ReadMetadata(ref reader);
                else
                    _tensors.Add(ReadTensor(ref reader, key));
            }

            // Anything but white space after the object makes the reader throw.
            reader.Read();
            return (_tensors, _metadata);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SafetensorsFormatException(SafetensorsProblem.HeaderJson, path, null, $"the header is not JSON of the expected form: {e.Message}", e);
        }
    }

    private string? ReadKey(ref Utf8JsonReader reader, HashSet<string> seen)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.EndObject)
            return null;
        var key = reader.GetString()!;
        if (!seen.Add(key))
            throw new SafetensorsFormatException(SafetensorsProblem.DuplicateKey, path, key, "the key occurs twice.");
        reader.Read();
        return key;
    }

    private void ReadMetadata(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return;
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new SafetensorsFormatException(SafetensorsProblem.Metadata, path, null, "the metadata is not a map from text to text.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (ReadKey(ref reader, seen) is { } key)
        {
            if (reader.TokenType != JsonTokenType.String)
                throw new SafetensorsFormatException(SafetensorsProblem.Metadata, path, null, $"the metadata value of '{key}' is not text.");
            _metadata.Add(key, reader.GetString()!);
        }
    }

    private TensorInfo ReadTensor(ref Utf8JsonReader reader, string name)
    {
        Expect(reader, JsonTokenType.StartObject);
        string? dtype = null;
        List<long>? shape = null, offsets = null;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (ReadKey(ref reader, seen) is { } field)
        {
            switch (field)
            {
                case "dtype":
                    dtype = reader.GetString();
                    break;
                case "shape":
                    shape = ReadNumbers(ref reader, name, SafetensorsProblem.Shape);
                    break;
                case "data_offsets":
                    offsets = ReadNumbers(ref reader, name, SafetensorsProblem.OffsetOutOfRange);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }

        if (dtype is null || shape is null || offsets is not { Count: 2 })
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.HeaderJson, path, name, "a tensor needs a dtype, a shape, and data_offsets of two numbers.");
        }

        return Check(name, dtype, shape, offsets[0], offsets[1]);
    }

    private List<long> ReadNumbers(ref Utf8JsonReader reader, string name, SafetensorsProblem problem)
    {
        Expect(reader, JsonTokenType.StartArray);
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (!reader.TryGetInt64(out var number) || number < 0)
                throw new SafetensorsFormatException(problem, path, name, "shapes and offsets are whole numbers from 0 to 2^63 - 1.");
            numbers.Add(number);
        }

        return numbers;
    }

    private TensorInfo Check(string name, string token, List<long> shape, long begin, long end)
    {
        if (!SafetensorsDTypes.TryParse(token, out var dtype))
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.DType, path, name, $"the element type '{token}' is not one of {SafetensorsDTypes.AllTokens}.");
        }

        if (end < begin || end > long.MaxValue - dataStart)
            throw new SafetensorsFormatException(SafetensorsProblem.OffsetOutOfRange, path, name, $"its bytes run from {begin} to {end}.");

        if (shape.Count > TensorSpec.MaxDimensions)
            throw new SafetensorsFormatException(SafetensorsProblem.Shape, path, name, $"its shape has {shape.Count} dimensions, more than the {TensorSpec.MaxDimensions} allowed.");
        var needed = BytesNeeded(name, dtype, shape);
        if (end - begin != needed)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.TensorSize, path, name, $"{token} [{string.Join(", ", shape)}] takes {needed} bytes, the header gives it {end - begin}.");
        }

        return new(name, dtype, shape, dataStart + begin, end - begin);
    }

    private long BytesNeeded(string name, SafetensorsDType dtype, List<long> shape)
    {
        try
        {
            return new TensorSpec(name, dtype, shape).ByteCount;
        }
        catch (OverflowException e)
        {
            throw new SafetensorsFormatException(
                SafetensorsProblem.ShapeOverflow, path, name, $"[{string.Join(", ", shape)}] elements of {dtype.Token()} are more than a file can hold.", e);
        }
    }

    private static void Expect(in Utf8JsonReader reader, JsonTokenType token)
    {
        if (reader.TokenType != token)
            throw new JsonException($"{token} was expected at byte {reader.TokenStartIndex}, found {reader.TokenType}.");
    }
}
