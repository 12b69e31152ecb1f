using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Tests.Merging;

/// <summary>The weight differences a LoRA file stands for, as matrices.</summary>
internal static class LoraDeltas
{
    /// <summary>By module, float32 [out, in·k·k].</summary>
    public static Dictionary<string, Tensor> Of(string path)
    {
        using var file = SafetensorsFile.Open(path);
        return LoraModuleInfo.ReadAll(file, strict: false).ToDictionary(module => module.Name, module => Of(file, module));
    }

    /// <summary>Largest distance of two sets of modules, each as a share of the second's norm. Modules must be the same.</summary>
    public static double Distance(Dictionary<string, Tensor> actual, Dictionary<string, Tensor> expected)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        return actual.Max(pair => ((pair.Value - expected[pair.Key]).norm() / expected[pair.Key].norm()).item<float>());
    }

    /// <summary>Sum, sum of magnitudes, first and last entry.</summary>
    public static double[] Stats(Tensor delta)
    {
        var values = delta.to(float64).flatten();
        return [values.sum().item<double>(), values.abs().sum().item<double>(), values[0].item<double>(), values[-1].item<double>()];
    }

    private static Tensor Of(SafetensorsFile file, LoraModuleInfo module) => LoraMath.Delta(
        file.Read(module.Up.Name), file.Read(module.Down.Name), LoraMath.Scale(module.Alpha, module.Rank), module.WeightShape.ToArray()).flatten(1);
}
