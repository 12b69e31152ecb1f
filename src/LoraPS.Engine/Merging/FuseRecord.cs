using System.Text.Json.Nodes;
using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>The metadata of a model that others were merged into: what it said before, and what was done to it.</summary>
/// <remarks>
/// What the model says of itself stays, but for its title, which becomes the new file's name, and hashes, which are no
/// longer true. The model spec has the values sd-scripts 48d368fa gives merged Stable Diffusion 1 checkpoints
/// (library/sai_model_spec.py); without a date, so that equal merges write equal bytes.
/// </remarks>
/// <param name="model">The model it is made of.</param>
/// <param name="destinationPath">Where the result goes.</param>
/// <param name="method">What was done.</param>
/// <param name="mergedFrom">Titles of what was merged into the model.</param>
/// <param name="sources">What was merged, with hashes from the function it is given.</param>
internal sealed class FuseRecord(
    FuseModel model, string destinationPath, string method, IReadOnlyList<string> mergedFrom, Func<Func<string, string>, IReadOnlyList<MergedSource>> sources)
{
    private static readonly string[] OfTheFile = [ModelSpec.TitleKey, ModelSpec.Prefix + "merged_from", ModelSpec.Prefix + "implementation_version"];
    private static readonly string[] OutOfDate = [ModelSpec.Prefix + "hash_sha256", ModelSpec.Prefix + "date", LoraMetadata.ModelHashKey, LoraMetadata.LegacyHashKey];

    /// <summary>The metadata of one of the result's files.</summary>
    /// <param name="file">The file it comes from.</param>
    /// <param name="sha256Of">The hash of an input file by its path.</param>
    public IReadOnlyDictionary<string, string> Metadata(FuseModelFile file, Func<string, string> sha256Of)
    {
        var metadata = new OrderedDictionary<string, string>(file.File.Metadata.Where(entry => !OutOfDate.Contains(entry.Key)));
        // The files of a folder are parts of a model, which the spec has no words for.
        foreach (var (key, value) in model.IsFolder ? new Dictionary<string, string>() : Spec(file))
        {
            if (OfTheFile.Contains(key) || !metadata.ContainsKey(key))
                metadata[key] = value;
        }

        metadata[MergeRecord.Key] = Describe(file, sha256Of);
        return metadata;
    }

    private IReadOnlyDictionary<string, string> Spec(FuseModelFile file)
    {
        var title = file.File.Metadata.GetValueOrDefault(ModelSpec.TitleKey) ?? Path.GetFileNameWithoutExtension(model.Path);
        var spec = new ModelSpec
        {
            Title = Path.GetFileNameWithoutExtension(destinationPath),
            Architecture = "stable-diffusion-v1",
            Implementation = "https://github.com/Stability-AI/generative-models",
            MergedFrom = [title, .. mergedFrom],
        };
        return model.Family is ModelFamily.StableDiffusion1 or ModelFamily.Unknown
            ? spec.ToMetadata()
            : spec.ToMetadata().Where(entry => OfTheFile.Contains(entry.Key)).ToDictionary();
    }

    private string Describe(FuseModelFile file, Func<string, string> sha256Of)
    {
        var original = new JsonObject { ["name"] = Path.GetFileName(file.File.Path), ["sha256"] = sha256Of(file.File.Path) };
        if (file.File.Metadata.TryGetValue(MergeRecord.Key, out var earlier))
            original["merge"] = earlier;
        return new JsonObject { ["method"] = method, ["model"] = original, ["sources"] = MergeRecord.Describe(sources(sha256Of)) }.ToJsonString();
    }
}
