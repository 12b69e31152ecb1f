using System.Buffers.Binary;
using System.Text.Json;

namespace LoraPS.Cmdlets.Tests;

/// <summary>Reads safetensors files by itself, so that what the module wrote is checked by other code than wrote it.</summary>
internal sealed class LoraNumbers
{
    private const string Up = ".lora_up.weight";

    private readonly byte[] _bytes;
    private readonly JsonElement _header;
    private readonly int _start;

    private LoraNumbers(string path)
    {
        _bytes = File.ReadAllBytes(path);
        var length = (int)BinaryPrimitives.ReadInt64LittleEndian(_bytes);
        _header = JsonDocument.Parse(_bytes.AsMemory(8, length)).RootElement;
        _start = 8 + length;
    }

    /// <summary>The file's metadata.</summary>
    public static Dictionary<string, string> Metadata(string path) =>
        new LoraNumbers(path)._header.GetProperty("__metadata__").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);

    /// <summary>Stored type of each tensor.</summary>
    public static Dictionary<string, string> Types(string path) =>
        new LoraNumbers(path).Entries.ToDictionary(p => p.Name, p => p.Value.GetProperty("dtype").GetString()!);

    /// <summary>One tensor.</summary>
    public static double[] Tensor(string path, string name) => new LoraNumbers(path).Read(name).Values;

    /// <summary>alpha / rank · up · down by module, row by row.</summary>
    /// <param name="path">The file.</param>
    /// <param name="prefix">What stands before the modules' names in a file of several sets.</param>
    public static Dictionary<string, double[]> Deltas(string path, string prefix = "")
    {
        var file = new LoraNumbers(path);
        return file.Entries.Select(p => p.Name).Where(n => n.StartsWith(prefix, StringComparison.Ordinal) && n.EndsWith(Up, StringComparison.Ordinal))
            .ToDictionary(n => n[prefix.Length..^Up.Length], n => file.Delta(n[..^Up.Length]));
    }

    /// <summary>The largest difference of two sets of weight differences, as a share of the largest entry.</summary>
    public static double Distance(Dictionary<string, double[]> actual, Dictionary<string, double[]> expected)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        return actual.Max(m => m.Value.Zip(expected[m.Key]).Max(p => Math.Abs(p.First - p.Second)) / expected[m.Key].Max(Math.Abs));
    }

    /// <summary>Σ factor · file.</summary>
    public static Dictionary<string, double[]> Sum(params (double Factor, string Path)[] terms)
    {
        var all = terms.Select(t => (t.Factor, Deltas: Deltas(t.Path))).ToList();
        return all[0].Deltas.ToDictionary(m => m.Key, m => m.Value.Select((_, i) => all.Sum(t => t.Factor * t.Deltas[m.Key][i])).ToArray());
    }

    private IEnumerable<JsonProperty> Entries => _header.EnumerateObject().Where(p => p.Name != "__metadata__");

    private double[] Delta(string module)
    {
        var (upShape, up) = Read(module + Up);
        var (downShape, down) = Read(module + ".lora_down.weight");
        var (rank, columns) = (upShape[1], down.Length / downShape[0]);
        var scale = _header.TryGetProperty(module + ".alpha", out _) ? Read(module + ".alpha").Values[0] / rank : 1;
        var delta = new double[upShape[0] * columns];
        for (var row = 0; row < upShape[0]; row++)
        {
            for (var column = 0; column < columns; column++)
                delta[(row * columns) + column] = scale * Enumerable.Range(0, rank).Sum(k => up[(row * rank) + k] * down[(k * columns) + column]);
        }

        return delta;
    }

    private (int[] Shape, double[] Values) Read(string name)
    {
        var entry = _header.GetProperty(name);
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt32()).ToArray();
        var data = _bytes.AsSpan(_start + offsets[0], offsets[1] - offsets[0]);
        var isHalf = entry.GetProperty("dtype").GetString() == "F16";
        var values = new double[data.Length / (isHalf ? 2 : 4)];
        for (var i = 0; i < values.Length; i++)
            values[i] = isHalf ? (double)BinaryPrimitives.ReadHalfLittleEndian(data[(2 * i)..]) : BinaryPrimitives.ReadSingleLittleEndian(data[(4 * i)..]);
        return ([.. entry.GetProperty("shape").EnumerateArray().Select(s => s.GetInt32())], values);
    }
}
