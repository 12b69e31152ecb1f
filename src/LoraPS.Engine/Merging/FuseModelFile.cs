using LoraPS.Engine.Formats;
using LoraPS.Engine.Naming;

namespace LoraPS.Engine.Merging;

/// <summary>A file with weights of a model.</summary>
/// <param name="File">The open file.</param>
/// <param name="RelativePath">Its place in the model's folder.</param>
/// <param name="Part">The network it holds, in diffusers naming; null for a single file with all of them, in LDM naming.</param>
internal sealed record FuseModelFile(SafetensorsFile File, string RelativePath, ModelPart? Part)
{
    private const string Extension = ".safetensors";
    private const string TransformersPrefix = "pytorch_";

    /// <summary>Whether it is of Stable Diffusion XL, whose modules have names of their own.</summary>
    public bool IsXl { get; init; }

    /// <summary>True if it is written by torch.save, and so has to be written anew even if nothing changes.</summary>
    public bool IsPickled => !RelativePath.EndsWith(Extension, StringComparison.OrdinalIgnoreCase);

    /// <summary>Its place in a folder that is made of the model: as safetensors, under the name that readers look for.</summary>
    public string OutputPath
    {
        get
        {
            if (!IsPickled)
                return RelativePath;
            var name = Path.GetFileNameWithoutExtension(RelativePath);
            var plain = name.StartsWith(TransformersPrefix, StringComparison.Ordinal) ? name[TransformersPrefix.Length..] : name;
            return Path.Combine(Path.GetDirectoryName(RelativePath) ?? "", plain + Extension);
        }
    }

    /// <summary>What a LoRA calls the modules whose weight a tensor is, and their rows; none if no LoRA can change it.</summary>
    public IReadOnlyList<ModuleRows> ModulesOf(string tensor)
    {
        var (part, key) = Part is { } own ? (own, tensor) : LdmNames.TryToDiffusers(tensor, out var found, out var name) ? (found, name) : default((ModelPart, string?));
        if (key is null)
            return [];
        if (key.EndsWith(OpenClipNames.JoinedWeight, StringComparison.Ordinal))
            return [.. OpenClipNames.Joined.Select((layer, i) => new ModuleRows(KohyaNames.ForModule(part, key[..^OpenClipNames.JoinedWeight.Length] + ".self_attn." + layer, IsXl)!, i, OpenClipNames.Joined.Length))];
        return KohyaNames.ForTensor(part, key, IsXl) is { } module ? [new(module)] : [];
    }

    /// <summary>A name that does not depend on the model's form: the network and its diffusers name, else the name as it is.</summary>
    public string NameOf(string tensor) => Part is { } part
        ? $"{part}/{DiffusersNames.Modernise(tensor)}"
        : LdmNames.TryToDiffusers(tensor, out var found, out var key) ? $"{found}/{key}" : tensor;

    /// <summary>The network a tensor belongs to; null for what belongs to none.</summary>
    public ModelPart? PartOf(string tensor) => Part ?? (LdmNames.TryToDiffusers(tensor, out var found, out _) ? found : null);

    /// <summary>True for tensors that files carry and no network has.</summary>
    public bool IsExtra(string tensor) => Part is null ? LdmNames.IsExtra(tensor) : DiffusersNames.IsExtra(tensor);
}
