using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Merging;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Inspection;

/// <summary>Holds the modules of a LoRA against the weights of a model, by names and shapes alone.</summary>
internal static class ModelCheck
{
    /// <summary>Checks.</summary>
    /// <returns>Modules that fit, and weights of the model that a LoRA of this kind could change.</returns>
    public static (int Matched, int Possible) Run(SafetensorsFile file, IReadOnlyList<LoraModuleInfo> modules, string modelPath, List<LoraProblem> problems)
    {
        using var model = new FuseModel(modelPath);
        var family = ModelFamilies.Of(file.Tensors);
        if (family != model.Family && family != ModelFamily.Unknown && model.Family != ModelFamily.Unknown)
            problems.Add(new(LoraProblemKind.ModelFamily, IsError: true, null, $"The LoRA is for {family.DisplayName()}, the model is {model.Family.DisplayName()}."));

        var weights = ModelTensor.AllOf(model).Values.SelectMany(tensor => tensor.Modules.Select(rows => (Rows: rows, tensor.Info))).ToLookup(weight => weight.Rows.Module, StringComparer.Ordinal);
        var isXl = model.Family == ModelFamily.StableDiffusionXL;
        var matched = modules.Count(module => Fits(module, weights[KohyaNames.Canonical(module.Name, isXl)].FirstOrDefault(), problems));
        if (matched == 0 && modules.Count > 0)
            problems.Add(new(LoraProblemKind.ModuleUnmatched, IsError: true, null, $"None of the {modules.Count} modules fits a weight of {model.Path}."));
        var convolutions = modules.Any(module => !KohyaNames.IsAdapted(module.Name, convolutions: false));
        return (matched, weights.Count(weight => KohyaNames.IsAdapted(weight.Key, convolutions)));
    }

    private static bool Fits(LoraModuleInfo module, (ModuleRows Rows, TensorInfo? Info) weight, List<LoraProblem> problems)
    {
        if (weight.Info is null)
        {
            problems.Add(new(LoraProblemKind.ModuleUnmatched, IsError: false, module.Name, "The model has no such module; it will have no effect."));
            return false;
        }

        if (LoraMath.Fits(module.Up.Shape, module.Down.Shape, weight.Rows.ShapeIn(weight.Info.Shape)))
            return true;
        problems.Add(new(
            LoraProblemKind.WeightShape, IsError: true, module.Name,
            $"It changes a weight of [{string.Join(", ", module.WeightShape)}], and '{weight.Info.Name}' is [{string.Join(", ", weight.Info.Shape)}]."));
        return false;
    }
}
