using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>One tensor of an open model.</summary>
/// <param name="File">The file that holds it.</param>
/// <param name="Info">What the file's header says of it.</param>
internal sealed record ModelTensor(FuseModelFile File, TensorInfo Info)
{
    private const string UNetPrefix = "model.diffusion_model.";

    /// <summary>What a LoRA calls the modules whose weight it is; none for biases, norms and what else no LoRA changes.</summary>
    public IReadOnlyList<ModuleRows> Modules => Info.Shape.Count is 2 or 4 ? File.ModulesOf(Info.Name) : [];

    /// <summary>The network it belongs to, or null.</summary>
    public ModelPart? Part => File.PartOf(Info.Name);

    /// <summary>True for what belongs to a network, known or not; false for schedule buffers, averaged weights and the like.</summary>
    public bool IsWeight => Info.DType.IsFloatingPoint() && !File.IsExtra(Info.Name);

    /// <summary>The network it belongs to, or, under a name that is not known, what the name begins with.</summary>
    public string Group => Part?.ToString()
        ?? (Info.Name.StartsWith(UNetPrefix, StringComparison.Ordinal) ? nameof(ModelPart.UNet) : Info.Name[..Math.Max(0, Info.Name.IndexOf('.', StringComparison.Ordinal))]);

    /// <summary>The tensors of a model by <see cref="FuseModelFile.NameOf"/>, in the order of its files.</summary>
    /// <remarks>Where a folder holds several variants of a network, the one with the plain, shortest file name counts.</remarks>
    public static OrderedDictionary<string, ModelTensor> AllOf(FuseModel model)
    {
        var all = new OrderedDictionary<string, ModelTensor>(StringComparer.Ordinal);
        foreach (var file in model.Files.OrderBy(file => file.RelativePath.Length))
        {
            foreach (var info in file.File.Tensors)
                all.TryAdd(file.NameOf(info.Name), new(file, info));
        }

        return all;
    }

    /// <summary>True if both can hold the same weight: a matrix and a 1×1 convolution can.</summary>
    public bool HasShapeOf(ModelTensor other) => LoraMath.WithoutKernelOfOne(Info.Shape).SequenceEqual(LoraMath.WithoutKernelOfOne(other.Info.Shape));

    /// <summary>The tensor as a matrix [out, …] of float32.</summary>
    /// <exception cref="LoraMergeException">It holds NaN or infinite numbers.</exception>
    public Tensor Read()
    {
        using var scope = NewDisposeScope();
        var values = File.File.Read(Info.Name).to(float32);
        if (!Finite.All(values))
        {
            throw new LoraMergeException(
                "ModelNotFinite", $"{File.File.Path}: '{Info.Name}' holds NaN or infinite numbers. Nothing can be computed from it; take another copy of the model.", File.File.Path);
        }

        return (values.dim() > 1 ? values.flatten(1) : values).MoveToOuterDisposeScope();
    }
}
