using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>The open models of a weighted sum, and what becomes of every tensor of the first.</summary>
internal sealed class CheckpointSum : IDisposable
{
    private readonly IReadOnlyList<CheckpointSource> _sources;
    private readonly CheckpointMergeOptions _options;
    private readonly List<FuseModel> _models = [];

    /// <summary>Opens all models and compares them.</summary>
    /// <exception cref="LoraMergeException">They are not of one architecture (error id ModelsDiffer).</exception>
    public CheckpointSum(IReadOnlyList<CheckpointSource> sources, CheckpointMergeOptions options)
    {
        (_sources, _options) = (sources, options);
        try
        {
            foreach (var source in sources)
                _models.Add(new(source.Path));
            ModelDifferences.ThrowIfAny(_models);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The model that the result has the form of.</summary>
    public FuseModel First => _models[0];

    /// <summary>All files of all models.</summary>
    public IEnumerable<string> Paths => _models.SelectMany(model => model.Files).Select(file => file.File.Path);

    /// <summary>Titles of the models after the first.</summary>
    public IReadOnlyList<string> Titles => [.. _models.Skip(1).Select(model => Path.GetFileNameWithoutExtension(model.Path))];

    /// <summary>What becomes of the tensors of each file of the first model.</summary>
    public IReadOnlyList<(FuseModelFile File, IReadOnlyList<PlannedTensor> Tensors)> Plan()
    {
        var others = _models.ConvertAll(ModelTensor.AllOf);
        return
        [
            .. First.Files.Select(file => (file, (IReadOnlyList<PlannedTensor>)
            [
                .. file.File.Tensors.Select(info => new SumTensor(info, FusePlan.DTypeOf(file, info, _options.SaveDType), TermsOf(new(file, info), others))),
            ])),
        ];
    }

    /// <summary>The files as a result records them, with the ratios used outside of blocks.</summary>
    /// <param name="sha256Of">The hash of a file by its path.</param>
    public IReadOnlyList<MergedSource> Record(Func<string, string> sha256Of) => _models.SelectMany((model, i) => model.Files.Select(
        file => new MergedSource(file.File.Path, sha256Of(file.File.Path), Factors(null)[i], _sources[i].Blocks))).ToArray();

    /// <summary>Closes the models.</summary>
    public void Dispose() => _models.ForEach(model => model.Dispose());

    private List<SumTerm> TermsOf(ModelTensor tensor, List<OrderedDictionary<string, ModelTensor>> models)
    {
        if (!tensor.IsWeight || (_options.UNetOnly && tensor.Group != nameof(ModelPart.UNet)))
            return [];
        var name = tensor.File.NameOf(tensor.Info.Name);
        var factors = Factors(CheckpointBlocks.Find(tensor.Group, name));
        var own = factors[0];
        var terms = new List<SumTerm>();
        for (var i = 1; i < models.Count; i++)
        {
            if (models[i].TryGetValue(name, out var other))
                terms.Add(new(other, factors[i]));
            else
                // A model without this network as a whole leaves its share to the first, so that ratios still add up.
                own += factors[i];
        }

        terms.RemoveAll(term => term.Factor == 0);
        // Adding nothing is not the same as leaving a weight alone: -0 + 0 is +0.
        return own == 1 && terms.Count == 0 ? [] : [new(tensor, own), .. terms];
    }

    private double[] Factors(UNetBlock? block)
    {
        if (_sources.All(source => source.Ratio is null))
            return [.. _sources.Select(source => (source.Blocks ?? BlockWeights.Ones)[block] / _sources.Count)];
        double[] factors = [.. _sources.Select(source => (source.Ratio ?? 0) * (source.Blocks ?? BlockWeights.Ones)[block])];
        if (_sources[0].Ratio is null)
            factors[0] = 1 - factors.Sum();
        return factors;
    }
}
