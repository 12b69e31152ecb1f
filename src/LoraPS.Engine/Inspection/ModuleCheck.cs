using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Inspection;

/// <summary>Checks that the tensors of a file make whole modules, from the header alone.</summary>
internal static class ModuleCheck
{
    private static readonly string[] Suffixes = [KohyaNames.DownSuffix, KohyaNames.UpSuffix, KohyaNames.AlphaSuffix];

    /// <summary>Checks.</summary>
    /// <returns>The modules that are whole.</returns>
    public static List<LoraModuleInfo> Run(SafetensorsFile file, List<LoraProblem> problems)
    {
        var groups = file.Tensors.Select(tensor => (Tensor: tensor, Suffix: Array.Find(Suffixes, suffix => tensor.Name.EndsWith(suffix, StringComparison.Ordinal))))
            .ToLookup(entry => entry.Suffix is { } suffix ? entry.Tensor.Name[..^suffix.Length] : null, entry => entry.Tensor);
        foreach (var other in groups[null])
            problems.Add(new(LoraProblemKind.UnknownTensor, IsError: false, other.Name, "No part of a LoRA module as sd-scripts writes them: no down, up or alpha."));
        var modules = groups.Where(group => group.Key is not null).Select(group => Module(file, group.Key!, problems)).OfType<LoraModuleInfo>().ToList();
        if (modules.Count == 0)
            problems.Add(new(LoraProblemKind.NoModules, IsError: true, null, $"None of the {file.Tensors.Count} tensors make a module of {KohyaNames.DownSuffix} and {KohyaNames.UpSuffix}."));
        return modules;
    }

    private static LoraModuleInfo? Module(SafetensorsFile file, string name, List<LoraProblem> problems)
    {
        var down = file.TryGet(name + KohyaNames.DownSuffix, out var foundDown) ? foundDown : null;
        var up = file.TryGet(name + KohyaNames.UpSuffix, out var foundUp) ? foundUp : null;
        if (Incomplete(down, up) is { } missing)
        {
            problems.Add(new(missing.Kind, IsError: true, name, missing.Message));
            return null;
        }

        if (Shapes(down!, up!) is { } wrong)
        {
            problems.Add(new(wrong.Kind, IsError: true, name, wrong.Message));
            return null;
        }

        var alpha = Alpha(file, name, problems);
        return new(name, down!, up!, alpha ?? down!.Shape[0]);
    }

    private static (LoraProblemKind Kind, string Message)? Incomplete(TensorInfo? down, TensorInfo? up) => (down, up) switch
    {
        (null, null) => (LoraProblemKind.OrphanAlpha, "It has an alpha but neither down nor up."),
        (null, _) => (LoraProblemKind.MissingDown, $"It has up [{string.Join(", ", up.Shape)}] but no down."),
        (_, null) => (LoraProblemKind.MissingUp, $"It has down [{string.Join(", ", down.Shape)}] but no up."),
        _ => null,
    };

    private static (LoraProblemKind Kind, string Message)? Shapes(TensorInfo down, TensorInfo up)
    {
        var found = $"down is [{string.Join(", ", down.Shape)}], up [{string.Join(", ", up.Shape)}]";
        if (down.Shape.Concat(up.Shape).Contains(0))
            return (LoraProblemKind.ZeroRank, $"Every side is at least 1; {found}.");
        return up.Shape.Count is 2 or 4 && down.Shape.Count is 2 or 4 && down.Shape[0] == up.Shape[1] && up.Shape.Skip(2).All(side => side == 1)
            ? null
            : (LoraProblemKind.FactorShapes, $"Expected down [rank, in] or [rank, in, k, k] and up [out, rank] or [out, rank, 1, 1]; {found}.");
    }

    private static double? Alpha(SafetensorsFile file, string name, List<LoraProblem> problems)
    {
        if (!file.TryGet(name + KohyaNames.AlphaSuffix, out var info))
            return null;
        if (info.ByteCount != info.DType.ByteSize())
        {
            problems.Add(new(LoraProblemKind.AlphaShape, IsError: true, info.Name, $"An alpha is one number; this is [{string.Join(", ", info.Shape)}]."));
            return null;
        }

        var alpha = file.ReadScalar(info.Name);
        if (alpha == 0)
            problems.Add(new(LoraProblemKind.ZeroAlpha, IsError: false, info.Name, "Alpha is 0, so the module has no effect."));
        return alpha;
    }
}
