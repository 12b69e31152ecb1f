using System.Text.RegularExpressions;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using static TorchSharp.torch;

namespace LoraPS.Engine.Lora;

/// <summary>A module of a LoHa or LoKr file, which can be written out as the two factors of a LoRA of a higher rank, exactly.</summary>
/// <remarks>
/// Keys as LyCORIS writes them (lycoris/modules/loha.py, lokr.py); Tucker factors are not understood. LoHa: r₁·r₂ ranks; LoKr: as
/// many as the small matrix has columns, times the rank of the large one. A LoKr module that is whole has no rank; its alpha is
/// the one it was made with and its scale is 1. Where a flat factor does not show the kernel, the module's name does.
/// </remarks>
internal abstract partial class LycorisModule
{
    private const string LohaMark = ".hada_w1_a";
    private const long Kernel = 3;

    /// <summary>Finds the tensors of a module.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">Name in sd-scripts form.</param>
    private protected LycorisModule(SafetensorsFile file, string name)
    {
        Name = name;
        Keys = [.. file.Tensors.Select(tensor => tensor.Name).Where(key => key.StartsWith(name + ".", StringComparison.Ordinal))];
        Alpha = file.TryGet(name + KohyaNames.AlphaSuffix, out var alpha) && alpha.ByteCount == alpha.DType.ByteSize() ? file.ReadScalar(alpha.Name) : null;
    }

    /// <summary>Name in sd-scripts form.</summary>
    public string Name { get; }

    /// <summary>Its tensors in the file.</summary>
    public IReadOnlyList<string> Keys { get; }

    /// <summary>The rank it was made with.</summary>
    public abstract long Rank { get; }

    /// <summary>What is told of it.</summary>
    public ModuleSummary Summary => new(Name, Rank, Alpha ?? Rank, WeightShape.Count > 2);

    /// <summary>The LoRA module of the same change: its shapes and strength, under names of tensors that the file has not.</summary>
    public LoraModuleInfo AsFactors
    {
        get
        {
            long[] down = [FactorRank, .. WeightShape.Skip(1)], up = [WeightShape[0], FactorRank, .. WeightShape.Skip(2).Select(_ => 1L)];
            return new(Name, Info(KohyaNames.DownSuffix, down), Info(KohyaNames.UpSuffix, up), Scale * FactorRank);
        }
    }

    /// <summary>The file's alpha, or null.</summary>
    protected double? Alpha { get; }

    /// <summary>Type of its tensors.</summary>
    protected abstract SafetensorsDType DType { get; }

    /// <summary>Strength.</summary>
    protected virtual double Scale => (Alpha ?? Rank) / Rank;

    /// <summary>Rank of the two factors.</summary>
    protected abstract long FactorRank { get; }

    /// <summary>Shape of the weight it changes: [out, in] or [out, in, k, k].</summary>
    protected abstract IReadOnlyList<long> WeightShape { get; }

    /// <summary>The modules of a file; none for a file of another kind.</summary>
    public static IReadOnlyList<LycorisModule> ReadAll(SafetensorsFile file)
    {
        var keys = file.Tensors.Select(tensor => tensor.Name).ToList();
        IEnumerable<LycorisModule?> modules =
        [
            .. keys.Where(key => key.EndsWith(LohaMark, StringComparison.Ordinal)).Select(key => LohaModule.TryRead(file, key[..^LohaMark.Length])),
            .. keys.Select(LokrModule.NameIn).OfType<string>().Distinct().Select(name => LokrModule.TryRead(file, name)),
        ];
        // One without any numbers changes nothing, and nothing can be told of it.
        return [.. modules.OfType<LycorisModule>().Where(module => module.FactorRank > 0 && module.WeightShape.All(side => side > 0))];
    }

    /// <summary>The change itself, without the strength, some rows at a time: cheaper than the product of its factors wherever a dense result is wanted.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Gives the rows from the first on, [count, in·k·k], float32.</returns>
    public abstract Func<long, long, Tensor> Rows(SafetensorsFile file);

    /// <summary>Up [out, r] and down [r, in·k·k] whose product, times the strength, is the change.</summary>
    /// <param name="file">The file.</param>
    /// <returns>float32.</returns>
    public abstract (Tensor Up, Tensor Down) Factors(SafetensorsFile file);

    /// <summary>Shape of the weight, from the length of its rows.</summary>
    private protected IReadOnlyList<long> Shape(long outputs, long rowLength) => KernelName().IsMatch(Name) && rowLength % (Kernel * Kernel) == 0
        ? [outputs, rowLength / (Kernel * Kernel), Kernel, Kernel]
        : [outputs, rowLength];

    private TensorInfo Info(string suffix, IReadOnlyList<long> shape) =>
        new(Name + suffix, DType, shape, Offset: 0, ByteCount: shape.Aggregate((long)DType.ByteSize(), (size, side) => size * side));

    [GeneratedRegex("_resnets_[0-9]+_conv[12]$|(down|up)samplers_0_conv$|_[02]_(in_layers_2|out_layers_3)$|input_blocks_[0-9]+_0_op$|output_blocks_[0-9]+_[12]_conv$")]
    private static partial Regex KernelName();
}
