using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Lora;

/// <summary>One module of a LoRA file: which tensors it is made of, without their values.</summary>
/// <param name="Name">Name in sd-scripts form, such as <c>lora_unet_mid_block_attentions_0_proj_in</c>.</param>
/// <param name="Down">A factor: [r, in] or [r, in, k, k].</param>
/// <param name="Up">B factor: [out, r] or [out, r, 1, 1].</param>
/// <param name="Alpha">The file's alpha; the rank where the file has none.</param>
public sealed record LoraModuleInfo(string Name, TensorInfo Down, TensorInfo Up, double Alpha)
{
    /// <summary>r.</summary>
    public long Rank => Down.Shape[0];

    /// <summary>Side of the convolution's kernel; 1 for matrices.</summary>
    public long KernelSize => Down.Shape is [_, _, var side, _] ? side : 1;

    /// <summary>Shape of the weight it changes, as the file tells it: [out, in] or [out, in, k, k].</summary>
    public IReadOnlyList<long> WeightShape => [Up.Shape[0], .. Down.Shape.Skip(1)];

    /// <summary>Part of the U-Net; otherwise of a text encoder.</summary>
    public bool IsUNet => Name.StartsWith(KohyaNames.UNetPrefix, StringComparison.Ordinal);

    /// <summary>The modules of a file, in the order of its keys. Needs no libtorch.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="strict">Refuse a file that holds anything else, such as DoRA magnitudes.</param>
    /// <exception cref="UnrecognisedLoraException">The file has no modules, incomplete ones, or, if strict, other tensors.</exception>
    public static IReadOnlyList<LoraModuleInfo> ReadAll(SafetensorsFile file, bool strict)
    {
        ArgumentNullException.ThrowIfNull(file);
        var downs = file.Tensors.Where(tensor => tensor.Name.EndsWith(KohyaNames.DownSuffix, StringComparison.Ordinal)).ToList();
        var modules = downs.Select(down => Read(file, down)).OfType<LoraModuleInfo>().ToList();
        var broken = downs.ExceptBy(modules.Select(module => module.Down.Name), down => down.Name).ToList();
        if (broken.Count > 0)
            throw new UnrecognisedLoraException(file.Path, [.. broken.Select(down => down.Name)], [.. broken.Select(down => Describe(file, down))]);
        if (modules.Count == 0)
            throw new UnrecognisedLoraException(file.Path, [.. file.Tensors.Select(tensor => tensor.Name)]);
        if (strict && OtherKeys(file, modules) is { Count: > 0 } others)
            throw new UnrecognisedLoraException(file.Path, others);
        return modules;
    }

    /// <summary>The module, or null if its tensors do not belong together.</summary>
    private static LoraModuleInfo? Read(SafetensorsFile file, TensorInfo down)
    {
        var name = down.Name[..^KohyaNames.DownSuffix.Length];
        if (!file.TryGet(name + KohyaNames.UpSuffix, out var up) || !AreFactors(up.Shape, down.Shape))
            return null;
        if (!file.TryGet(name + KohyaNames.AlphaSuffix, out var alpha))
            return new(name, down, up, down.Shape[0]);
        return alpha.ByteCount == alpha.DType.ByteSize() ? new(name, down, up, file.ReadScalar(alpha.Name)) : null;
    }

    /// <summary>True if these can be the factors of one module, of rank 1 at least.</summary>
    /// <remarks>All that is multiplied has been through here: libtorch ends the process where shapes do not fit.</remarks>
    internal static bool AreFactors(IReadOnlyList<long> up, IReadOnlyList<long> down) =>
        up is [_, _] or [_, _, 1, 1] && down.Count is 2 or 4 && down[0] == up[1] && !IsEmpty(up) && !IsEmpty(down);

    // A loop, because a query over numbers is compiled anew in every session.
    private static bool IsEmpty(IReadOnlyList<long> shape)
    {
        for (var i = 0; i < shape.Count; i++)
        {
            if (shape[i] == 0)
                return true;
        }

        return false;
    }

    private static string Describe(SafetensorsFile file, TensorInfo down)
    {
        var name = down.Name[..^KohyaNames.DownSuffix.Length];
        var shape = $"{down.Name} [{string.Join(", ", down.Shape)}]";
        if (!file.TryGet(name + KohyaNames.UpSuffix, out var up))
            return $"{shape} without {KohyaNames.UpSuffix[1..]}";
        if (down.Shape is [0, ..])
            return $"{shape} of rank 0";
        return AreFactors(up.Shape, down.Shape)
            ? $"{name}{KohyaNames.AlphaSuffix}, which is not one number"
            : $"{shape} with {KohyaNames.UpSuffix[1..]} [{string.Join(", ", up.Shape)}]";
    }

    private static List<string> OtherKeys(SafetensorsFile file, IEnumerable<LoraModuleInfo> modules)
    {
        var known = modules.SelectMany(module => new[] { module.Down.Name, module.Up.Name, module.Name + KohyaNames.AlphaSuffix }).ToHashSet(StringComparer.Ordinal);
        return [.. file.Tensors.Select(tensor => tensor.Name).Where(name => !known.Contains(name))];
    }
}
