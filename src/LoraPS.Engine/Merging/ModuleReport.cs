using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>What became of one module when a LoRA was made: how large it is and how much of the weight difference was kept.</summary>
/// <param name="Name">Module name, such as <c>lora_unet_mid_block_attentions_0_proj_in</c>.</param>
/// <param name="IsConvolution">One of the convolutions, which may have a rank of their own: kernels larger than 1×1, and 1×1 too where the tool says so.</param>
/// <param name="Rank">Rank of the result.</param>
/// <param name="Alpha">Alpha of the result.</param>
/// <param name="Norm">Frobenius norm of the weight difference aimed at.</param>
/// <param name="RelativeError">Distance of the result from that difference, as a share of its norm, before it was cast to the type it is saved in: 0 when nothing is lost.</param>
public sealed record ModuleReport(string Name, bool IsConvolution, int Rank, double Alpha, double Norm, double RelativeError)
{
    /// <summary>The block it lies in, or null.</summary>
    public UNetBlock? Block => BlockLocator.Find(Name);

    /// <summary>Share of the Frobenius norm that was kept: √(1 - error²), 0 when the error is above 1.</summary>
    public double Retained => Math.Sqrt(Math.Max(0, 1 - (RelativeError * RelativeError)));

    /// <summary>The relative error of several modules taken as one: the root of the squared distances over the squared norms.</summary>
    public static double OverallError(IReadOnlyCollection<ModuleReport> modules)
    {
        ArgumentNullException.ThrowIfNull(modules);
        var total = modules.Sum(module => module.Norm * module.Norm);
        return total == 0 ? 0 : Math.Sqrt(modules.Sum(module => Math.Pow(module.Norm * module.RelativeError, 2)) / total);
    }
}
