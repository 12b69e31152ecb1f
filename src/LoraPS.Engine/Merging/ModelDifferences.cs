using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>Compares the structure of models that are to be computed with: the same networks, the same tensors, the same shapes.</summary>
/// <remarks>
/// A network that one model lacks as a whole is no difference, as files with a U-Net alone are common; the U-Net itself must
/// be in all. Schedule buffers and averaged weights are not compared.
/// </remarks>
internal static class ModelDifferences
{
    private const int Shown = 4;
    private const string SecondTextEncoder = "text_encoder_2";

    /// <summary>Compares all with the first.</summary>
    /// <exception cref="LoraMergeException">Something differs (error id ModelsDiffer), or a model has no U-Net that is known (ModelUnknown).</exception>
    public static void ThrowIfAny(IReadOnlyList<FuseModel> models)
    {
        if (models.FirstOrDefault(model => model.IsFolder && Directory.Exists(Path.Combine(model.Path, SecondTextEncoder))) is { } large && models.FirstOrDefault(model => !model.IsFolder) is { } file)
            throw new LoraMergeException("ModelUnsupported", $"{large.Path} is a folder of a model with two text encoders, such as {ModelFamily.StableDiffusionXL.DisplayName()}, and {file.Path} a single file, which holds the second one in another form. Take models in single files, or all in folders.", large.Path);
        var tensors = models.Select(model => (model.Path, Networks: NetworksOf(model))).ToList();
        foreach (var (path, networks) in tensors)
        {
            if (!networks.Values.Any(tensor => tensor.Part == ModelPart.UNet))
                throw new LoraMergeException("ModelUnknown", $"{path} has no U-Net under names that are known. Expected a Stable Diffusion 1 model: a single safetensors file or a diffusers folder.", path);
        }

        var first = tensors[0];
        var lines = tensors.Skip(1).SelectMany(other => Compare(first.Networks, other.Path, other.Networks)).ToList();
        if (lines.Count > 0)
            throw new LoraMergeException("ModelsDiffer", $"{first.Path} and {(models.Count == 2 ? tensors[1].Path : "the others")} are not of one architecture: {string.Join("; ", lines)}. Take models of the same kind.", first.Path);
    }

    private static Dictionary<string, ModelTensor> NetworksOf(FuseModel model) =>
        ModelTensor.AllOf(model).Where(entry => entry.Value.IsWeight).ToDictionary(StringComparer.Ordinal);

    private static IEnumerable<string> Compare(Dictionary<string, ModelTensor> expected, string path, Dictionary<string, ModelTensor> found)
    {
        var shared = expected.Values.Select(tensor => tensor.Group).Intersect(found.Values.Select(tensor => tensor.Group)).ToHashSet();
        var missing = expected.Where(entry => shared.Contains(entry.Value.Group) && !found.ContainsKey(entry.Key)).Select(entry => entry.Key).ToList();
        var more = found.Where(entry => shared.Contains(entry.Value.Group) && !expected.ContainsKey(entry.Key)).Select(entry => entry.Key).ToList();
        var shapes = expected.Where(entry => found.TryGetValue(entry.Key, out var other) && !other.HasShapeOf(entry.Value))
            .Select(entry => $"{entry.Key} is [{string.Join(", ", entry.Value.Info.Shape)}] and [{string.Join(", ", found[entry.Key].Info.Shape)}]").ToList();
        return new[] { Line($"{path} lacks", missing), Line($"only {path} has", more), Line($"in {path} of another shape", shapes) }.OfType<string>();
    }

    private static string? Line(string what, List<string> names) => names.Count == 0
        ? null
        : $"{what} {names.Count} ({string.Join(", ", names.Take(Shown))}{(names.Count > Shown ? ", …" : "")})";
}
