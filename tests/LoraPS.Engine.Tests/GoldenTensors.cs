using LoraPS.Engine.Formats;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests;

/// <summary>Tensors computed by the reference, and how near ours must come to them.</summary>
internal sealed class GoldenTensors : IDisposable
{
    private readonly SafetensorsFile _file;

    private GoldenTensors(SafetensorsFile file) => _file = file;

    /// <summary>Names of all tensors.</summary>
    public IEnumerable<string> Names => _file.Tensors.Select(t => t.Name);

    /// <summary>A tensor in its own dtype, the caller's to dispose.</summary>
    public Tensor this[string name] => _file.Read(name);

    public static GoldenTensors Open(string fixture)
    {
        return new(SafetensorsFile.Open(TestFiles.Fixture(fixture)));
    }

    /// <summary>|actual − expected| is nowhere above absolute + relative · max |expected|.</summary>
    public void AssertNear(string name, Tensor actual, double absolute, double relative = 0)
    {
        using var scope = NewDisposeScope();
        var expected = _file.Read(name).to(ScalarType.Float32);
        Assert.Equal(expected.shape, actual.shape);
        var error = (actual.detach().to(ScalarType.Float32) - expected).abs().max().item<float>();
        var limit = absolute + (relative * expected.abs().max().item<float>());
        Assert.True(error <= limit, $"{name}: {error:g4} above {limit:g4}");
    }

    public void Dispose() => _file.Dispose();
}
