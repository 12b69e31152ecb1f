using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;
using LoraPS.Engine.Runtime;
using TorchSharp;
using static TorchSharp.torch;

namespace LoraPS.Engine.Merging;

/// <summary>Makes a LoRA of what a model has learned: the difference to the model it comes from, cut to a low rank.</summary>
/// <remarks>
/// Follows sd-scripts networks/extract_lora_from_models.py@48d368fa in which modules it takes, ranks, alpha = rank, and when the
/// text encoder counts as unchanged. Differences are decomposed by <see cref="RandomisedSvd"/>, whose error is measured and
/// reported, a few weights at a time, each by one thread; nothing is clipped unless asked for. What no LoRA can hold is told.
/// </remarks>
public static class LoraExtractor
{
    private const string Activity = "Extracting a LoRA";

    /// <summary>Differences that are in memory at once: the largest of Stable Diffusion XL, that of the second text encoder's token embeddings, has 253 MB.</summary>
    private const int MostWeights = 4;

    private const string Version1 = "sd_v1";
    private const string Version2 = "sd_v2";
    private const string VersionXl = "sdxl_base_v1-0";

    /// <summary>Extracts.</summary>
    /// <param name="originalPath">The model before training: a single-file checkpoint or a diffusers folder.</param>
    /// <param name="tunedPath">The same model after it, in either form.</param>
    /// <param name="destinationPath">The LoRA to write, whole or not at all.</param>
    /// <param name="options">Ranks and form; null for rank 4.</param>
    /// <param name="events">Told of progress, and of differences the LoRA cannot hold.</param>
    /// <param name="cancellationToken">Asked before each weight.</param>
    /// <exception cref="ArgumentOutOfRangeException">A rank is below 1, or a threshold or quantile outside its range.</exception>
    /// <exception cref="LoraMergeException">The models differ in structure (ModelsDiffer) or in nothing (ModelsEqual), are of a kind that is not known (ModelUnsupported), hold NaN (ModelNotFinite), or the result does not fit its type.</exception>
    /// <exception cref="MissingFileException">A model does not exist (error id ModelNotFound).</exception>
    /// <exception cref="SafetensorsFormatException">A file is damaged.</exception>
    /// <exception cref="DestinationExistsException">The destination exists and may not be replaced.</exception>
    /// <exception cref="DestinationInUseException">Another run is writing the same destination.</exception>
    /// <exception cref="WriteFailedException">The file cannot be written; an older file is unchanged.</exception>
    public static LoraExtractResult Extract(
        string originalPath,
        string tunedPath,
        string destinationPath,
        LoraExtractOptions? options = null,
        IProgress<EngineEvent>? events = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new();
        using var claim = Destination.Claim(destinationPath, options.Overwrite);
        var extraction = new WeightExtraction(options);
        using var models = new ModelPair(originalPath, tunedPath);
        TorchRuntime.EnsureLoaded();
        using var hashes = new FileHashes(models.Original.Files.Concat(models.Tuned.Files).Select(file => file.File.Path));
        using var output = new LoraOutput(destinationPath, options.SaveDType);
        var textEncoder = ModelChange.LargestInTextEncoder(models, options.ConvRank is not null, cancellationToken);
        var change = new ModelChange(keepsTextEncoder: textEncoder > options.MinDifference);
        var reports = new List<ModuleReport>();
        var done = 0;
        foreach (var (modules, leftOut) in OrderedWork.Map(models.Weights, Extract, cancellationToken, MostWeights))
        {
            var (name, original, _) = models.Weights[done];
            events?.Report(new ProgressEvent(Activity, name, (double)done++ / models.Weights.Count));
            modules.ForEach(output.Add);
            reports.AddRange(modules.Select(module => module.Report));
            change.AddUncovered(name, original, leftOut);
        }

        if (reports.All(report => report.Norm == 0))
            throw new LoraMergeException("ModelsEqual", $"{originalPath} and {tunedPath} have the same weights wherever a LoRA could differ; there is nothing to extract.", tunedPath);
        change.Warn(events, models, textEncoder, options.MinDifference);
        var known = hashes.Wait(cancellationToken);
        var metadata = Metadata(models, options, reports, path => known[path]);
        var spec = LoraModelSpec.For(models.Original.Family, metadata[LoraMetadata.BaseModelVersionKey], destinationPath, mergedFrom: null);
        return new(
            Path.GetFullPath(destinationPath), reports, options.SaveDType, output.Write(metadata, spec),
            textEncoder, change.Uncovered, change.UncoveredShare(reports));

        (List<FinishedModule> Modules, double LeftOut) Extract((string Name, ModelTensor Original, ModelTensor Tuned) weight)
        {
            using var scope = NewDisposeScope();
            var difference = ModelPair.Difference(weight.Original, weight.Tuned);
            var modules = weight.Original.Modules.Where(rows => KohyaNames.IsAdapted(rows.Module, options.ConvRank is not null)).ToList();
            return modules.Count == 0 || !change.Keeps(weight.Original)
                ? ([], SquaredNorm.Of(difference))
                : ([.. modules.Select(rows => extraction.Run(rows.Module, rows.ShapeIn(weight.Original.Info.Shape), rows.Of(difference)))], 0);
        }
    }

    private static OrderedDictionary<string, string> Metadata(
        ModelPair models, LoraExtractOptions options, List<ModuleReport> modules, Func<string, string> sha256Of)
    {
        var (isVersion2, isXl) = (models.Original.Family == ModelFamily.StableDiffusion2, models.Original.Family == ModelFamily.StableDiffusionXL);
        var metadata = new OrderedDictionary<string, string>
        {
            [LoraMetadata.IsVersion2Key] = PythonText.Of(isVersion2),
            [LoraMetadata.BaseModelVersionKey] = isVersion2 ? Version2 : isXl ? VersionXl : Version1,
            [LoraMetadata.NetworkArgsKey] = "{}",
        };
        NetworkMetadata.Describe(metadata, modules);
        metadata[MergeRecord.Key] = MergeRecord.ToJson(
            "Extract", options with { Overwrite = false }, Sources(models.Tuned, 1, sha256Of).Concat(Sources(models.Original, -1, sha256Of)));
        return metadata;
    }

    private static IEnumerable<MergedSource> Sources(FuseModel model, double ratio, Func<string, string> sha256Of) =>
        model.Files.Select(file => new MergedSource(file.File.Path, sha256Of(file.File.Path), ratio, Blocks: null));
}
