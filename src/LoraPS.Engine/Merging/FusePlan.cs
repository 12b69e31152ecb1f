using LoraPS.Engine.Formats;
using LoraPS.Engine.Lora;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Merging;

/// <summary>What becomes of every tensor of a model, decided and checked before anything is written.</summary>
/// <remarks>Names and shapes only; needs no libtorch.</remarks>
internal sealed class FusePlan
{
    private readonly FuseModel _model;
    private readonly HashSet<string> _modules = new(StringComparer.Ordinal);

    /// <summary>Makes a plan.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sources">The LoRAs.</param>
    /// <param name="saveDType">Float type of all weights, or null to keep each one's own.</param>
    /// <exception cref="LoraModelMismatchException">A LoRA is for another kind of model.</exception>
    public FusePlan(FuseModel model, FuseSources sources, SafetensorsDType? saveDType)
    {
        _model = model;
        foreach (var reader in sources.Readers)
            CheckFamily(reader);
        Files = [.. model.Files.Select(file => (file, Plan(file, sources, saveDType)))];
        var modules = sources.Readers.SelectMany(reader => reader.Modules).Select(module => module.Name).Distinct().ToLookup(name => _modules.Contains(sources.NameInModel(name)));
        (MergedModules, UnmatchedModules) = (modules[true].Count(), modules[false].ToArray());
        foreach (var reader in sources.Readers)
            CheckMatch(reader, sources);
    }

    /// <summary>The tensors of each file, in its order.</summary>
    public IReadOnlyList<(FuseModelFile File, IReadOnlyList<PlannedTensor> Tensors)> Files { get; }

    /// <summary>How many modules of the model the LoRAs name.</summary>
    public int MergedModules { get; }

    /// <summary>Modules of the LoRAs that the model does not have.</summary>
    public IReadOnlyList<string> UnmatchedModules { get; }

    /// <summary>Warns of what has no effect.</summary>
    public void WarnOfUnmatched(IProgress<EngineEvent>? events)
    {
        if (UnmatchedModules.Count > 0)
        {
            events?.Report(new WarningEvent(
                "LoraModulesUnmatched",
                $"{UnmatchedModules.Count} modules of the LoRAs are not in the model and have no effect: {string.Join(", ", UnmatchedModules.Take(3))}{(UnmatchedModules.Count > 3 ? " …" : "")}.",
                UnmatchedModules));
        }
    }

    private List<PlannedTensor> Plan(FuseModelFile file, FuseSources sources, SafetensorsDType? saveDType) =>
        [.. file.File.Tensors.Select(info => new FuseTensor(info, DTypeOf(file, info, saveDType), [.. TermsOf(file, info, sources)]))];

    /// <summary>The type a tensor is saved in; what no network has keeps its own.</summary>
    internal static SafetensorsDType DTypeOf(FuseModelFile file, TensorInfo info, SafetensorsDType? saveDType) =>
        info.DType.IsFloatingPoint() && !file.IsExtra(info.Name) ? saveDType ?? info.DType : info.DType;

    private IEnumerable<FuseTerm> TermsOf(FuseModelFile file, TensorInfo info, FuseSources sources)
    {
        foreach (var rows in file.ModulesOf(info.Name))
        {
            _modules.Add(rows.Module);
            foreach (var term in sources.TermsOf(rows.Module).Select(term => term with { Rows = rows }))
            {
                CheckShape(term, info);
                // Adding nothing is not the same as leaving a weight alone: -0 + 0 is +0.
                if (term.Scale != 0)
                    yield return term;
            }
        }
    }

    private void CheckFamily(LoraReader reader)
    {
        if (reader.Family != _model.Family && reader.Family != ModelFamily.Unknown && _model.Family != ModelFamily.Unknown)
        {
            throw new LoraModelMismatchException(
                reader.Path, _model.Path, $"the LoRA is for {reader.Family.DisplayName()}, the model is {_model.Family.DisplayName()}. Choose a LoRA for this model.");
        }
    }

    private void CheckShape(FuseTerm term, TensorInfo weight)
    {
        if (!weight.DType.IsFloatingPoint() || !LoraMath.Fits(term.Module.Up.Shape, term.Module.Down.Shape, term.Rows.ShapeIn(weight.Shape)))
        {
            throw new LoraModelMismatchException(
                term.Lora.Path, _model.Path,
                $"{term.Module.Name} changes a weight of [{string.Join(", ", term.Module.WeightShape)}], but '{weight.Name}' is {weight.DType.Token()} [{string.Join(", ", weight.Shape)}]. The LoRA was made for a model of other sizes.");
        }
    }

    private void CheckMatch(LoraReader reader, FuseSources sources)
    {
        if (!reader.Modules.Any(module => _modules.Contains(sources.NameInModel(module.Name))))
        {
            throw new LoraModelMismatchException(
                reader.Path, _model.Path,
                $"the model has none of its {reader.Modules.Count} modules. The LoRA ({reader.Family.DisplayName()}) has modules such as {reader.Modules[0].Name}, the model ({_model.Family.DisplayName()}) {_modules.FirstOrDefault("no modules that are known")}.");
        }
    }
}
