using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Models;
using LoraPS.Engine.Models.Clip;
using LoraPS.Engine.Models.UNet;
using LoraPS.Engine.Runtime;
using static TorchSharp.torch;

namespace LoraPS.Bench.Models;

/// <summary>LoRAs of Stable Diffusion 1.5 with random factors, as a run of the default kind (LierLa, both networks) leaves them.</summary>
public static class RandomLora
{
    /// <summary>Strength of each direction relative to the one before it: trained LoRAs have few strong directions.</summary>
    private const double Decay = 0.95;

    /// <summary>Every layer such a LoRA reaches.</summary>
    public static IReadOnlyList<LoraTarget> Targets(int rank)
    {
        TorchRuntime.EnsureLoaded();
        var unet = new UNet2DConditionModel(StableDiffusionConfig.V15.UNet, META);
        var textEncoder = new ClipTextModel(StableDiffusionConfig.V15.TextEncoder, META);
        return LoraTargets.Find(unet, textEncoder, new LoraOptions { Rank = rank, Alpha = rank });
    }

    /// <summary>The factors of one layer, up [out, rank, …] and down [rank, in, …], float32.</summary>
    public static (Tensor Up, Tensor Down) Factors(LoraTarget target)
    {
        ArgumentNullException.ThrowIfNull(target);
        using var scope = NewDisposeScope();
        var strengths = tensor(Enumerable.Range(0, target.Rank).Select(i => (float)Math.Pow(Decay, i)).ToArray());
        var up = randn(target.UpShape[0], target.Rank) * strengths;
        var down = randn(target.DownShape).MultiplyInPlace(0.01 / Math.Sqrt(target.DownShape[1]));
        return (up.reshape(target.UpShape).MoveToOuterDisposeScope(), down.MoveToOuterDisposeScope());
    }

    /// <summary>Writes such a LoRA.</summary>
    /// <param name="path">The file.</param>
    /// <param name="rank">Rank and alpha.</param>
    /// <param name="dtype">Type of all tensors.</param>
    public static void Write(string path, int rank, SafetensorsDType dtype)
    {
        TorchRuntime.EnsureLoaded();
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var target in Targets(rank))
        {
            var (up, down) = Factors(target);
            tensors.Add(target.UpKey, up.to(dtype.ToScalarType()));
            tensors.Add(target.DownKey, down.to(dtype.ToScalarType()));
            tensors.Add(target.AlphaKey, tensor((float)target.Alpha).to(dtype.ToScalarType()));
        }

        SafetensorsWriter.Write(path, tensors, new Dictionary<string, string> { [LoraMetadata.BaseModelVersionKey] = "sd_v1" });
    }
}
