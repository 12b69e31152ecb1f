using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging.Conversion;

/// <summary>The modules of a LoRA file in any of the forms, checked to be whole.</summary>
internal static class ConversionSource
{
    private const int Shown = 4;
    private const int GatedFactor = 8;

    /// <summary>Reads the header.</summary>
    /// <param name="file">The open file.</param>
    /// <param name="naming">The form it is in.</param>
    /// <param name="alphas">The alpha of a module that has no tensor for it, by network, path and rank.</param>
    /// <param name="skipOthers">Pass over keys of no module.</param>
    /// <param name="events">Warned of what is passed over.</param>
    /// <returns>The modules in the order of the file.</returns>
    /// <exception cref="UnrecognisedLoraException">No key is of a known form, or factors do not belong together.</exception>
    /// <exception cref="LoraMergeException">Some keys are of no module that is known (LoraKeysUnknown).</exception>
    public static IReadOnlyList<ConvertedModule> Read(
        SafetensorsFile file, ILoraNaming naming, Func<ModelPart, string, long, double> alphas, bool skipOthers, IProgress<EngineEvent>? events)
    {
        string[] keys = [.. file.Tensors.Select(tensor => tensor.Name)];
        var named = keys.Where(key => naming.Parse(key) is not null).ToDictionary(key => naming.Parse(key)!.Value);
        CheckKeys(file.Path, naming, [.. keys.Except(named.Values)], skipOthers, events);
        if (named.Count == 0)
            throw new UnrecognisedLoraException(file.Path, keys);
        var modules = named.Keys.Select(name => (name.Part, name.Path)).Distinct().Select(module => Module(file, named, module, alphas)).ToList();
        CheckOrder(file.Path, naming, modules);
        return modules;
    }

    private static ConvertedModule Module(
        SafetensorsFile file, Dictionary<LoraTensorName, string> named, (ModelPart Part, string Path) module, Func<ModelPart, string, long, double> alphas)
    {
        TensorInfo? Find(LoraTensorKind kind) =>
            named.TryGetValue(new(module.Part, module.Path, kind), out var key) && file.TryGet(key, out var info) ? info : null;
        var (down, up, alpha) = (Find(LoraTensorKind.Down), Find(LoraTensorKind.Up), Find(LoraTensorKind.Alpha));
        if (down is null || up is null || !LoraModuleInfo.AreFactors(up.Shape, down.Shape) || alpha?.ByteCount > alpha?.DType.ByteSize())
            throw new UnrecognisedLoraException(file.Path, [.. new[] { down, up, alpha }.OfType<TensorInfo>().Select(info => info.Name)]);
        var strength = alpha is null ? alphas(module.Part, module.Path, down.Shape[0]) : file.ReadScalar(alpha.Name);
        return new(file, module.Part, module.Path, down, up, strength);
    }

    private static void CheckKeys(string path, ILoraNaming naming, string[] unknown, bool skipOthers, IProgress<EngineEvent>? events)
    {
        if (unknown.Length == 0)
            return;
        var found = $"{path} is a LoRA in {naming.Format} form, but {unknown.Length} of its keys are of no module of Stable Diffusion, or of another kind: {string.Join(", ", unknown.Take(Shown))}{(unknown.Length > Shown ? " …" : "")}";
        if (!skipOthers)
            throw new LoraMergeException("LoraKeysUnknown", $"{found}. Nothing can be converted without losing them.", path);
        events?.Report(new WarningEvent("TensorsLeftOut", $"{found}. They are left out.", path));
    }

    private static void CheckOrder(string path, ILoraNaming naming, List<ConvertedModule> modules)
    {
        // The only thing that numbers can be held against: a GEGLU is eight times as wide as its input.
        if (naming.Format == LoraFormat.Cloneofsimo
            && modules.Find(module => module.Path.EndsWith(".ff.net.0.proj", StringComparison.Ordinal) != (module.Up.Shape[0] == GatedFactor * module.Down.Shape[1])) is { } misplaced)
        {
            throw new LoraMergeException(
                "LoraKeysUnknown", $"{path}: '{misplaced.Down.Name}' should be {misplaced.Path} by its number, but changes a weight of [{misplaced.Up.Shape[0]}, {misplaced.Down.Shape[1]}]. The file counts its layers in another order.", path);
        }
    }
}
