using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Two open models of one architecture, tensor by tensor.</summary>
/// <remarks>Each may be a single file or a diffusers folder. Tensors that no network has are not compared.</remarks>
internal sealed class ModelPair : IDisposable
{
    /// <summary>Opens both.</summary>
    /// <exception cref="LoraMergeException">They are not of one architecture (error id ModelsDiffer); everything that differs is told.</exception>
    public ModelPair(string originalPath, string tunedPath)
    {
        Original = new FuseModel(originalPath);
        try
        {
            Tuned = new FuseModel(tunedPath);
            if (Original.Family is not (ModelFamily.Unknown or ModelFamily.StableDiffusion1 or ModelFamily.StableDiffusion2 or ModelFamily.StableDiffusionXL))
                throw new LoraMergeException("ModelUnsupported", $"{originalPath} is {Original.Family.DisplayName()}. LoRAs can be extracted from models of Stable Diffusion 1, 2 and XL.", originalPath);
            Weights = Pair();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model that the difference is taken from.</summary>
    public FuseModel Original { get; }

    /// <summary>The model with the difference in it.</summary>
    public FuseModel Tuned { get; } = null!;

    /// <summary>All weights of the networks, the text encoder's first.</summary>
    public IReadOnlyList<(string Name, ModelTensor Original, ModelTensor Tuned)> Weights { get; } = [];

    /// <summary>tuned - original as a matrix [out, …], float32.</summary>
    /// <exception cref="LoraMergeException">A model holds NaN.</exception>
    public static Tensor Difference(ModelTensor original, ModelTensor tuned)
    {
        using var scope = NewDisposeScope();
        return tuned.Read().AddInPlace(original.Read(), share: -1).MoveToOuterDisposeScope();
    }

    /// <summary>Closes both.</summary>
    public void Dispose()
    {
        Original.Dispose();
        Tuned?.Dispose();
    }

    private List<(string Name, ModelTensor Original, ModelTensor Tuned)> Pair()
    {
        ModelDifferences.ThrowIfAny([Original, Tuned]);
        var tuned = ModelTensor.AllOf(Tuned);
        return
        [
            .. ModelTensor.AllOf(Original)
                .Where(entry => entry.Value.Part is not null && entry.Value.Info.DType.IsFloatingPoint() && tuned.ContainsKey(entry.Key))
                .OrderBy(entry => entry.Value.Part?.IsTextEncoder() == true ? 0 : 1)
                .Select(entry => (entry.Key, entry.Value, tuned[entry.Key])),
        ];
    }
}
