namespace LoraPS.Engine.Models.Clip;

/// <summary>Where tokenizers lie on this machine and where they are fetched from.</summary>
/// <param name="KeptFolder">Folder for a fetched tokenizer: LoraPS/tokenizers/clip-vit-large-patch14 in the user's local application data.</param>
/// <param name="HubCache">The local Hugging Face cache; default ~/.cache/huggingface/hub.</param>
/// <param name="Endpoint">Address of the Hub; default https://huggingface.co.</param>
public sealed record TokenizerPlaces(string KeptFolder, string HubCache, string Endpoint)
{
    /// <summary>The Hub's name of the tokenizer that SD1, SD2 and SDXL share.</summary>
    public const string Repository = "openai/clip-vit-large-patch14";

    /// <summary>The snapshots of the tokenizer's repository in the Hugging Face cache.</summary>
    public string SnapshotsFolder => Path.Combine(HubCache, $"models--{Repository.Replace("/", "--", StringComparison.Ordinal)}", "snapshots");

    /// <summary>The places that environment variables name, or the usual ones.</summary>
    /// <remarks>
    /// The cache is found as huggingface_hub finds it: HF_HUB_CACHE, HUGGINGFACE_HUB_CACHE, HF_HOME/hub,
    /// XDG_CACHE_HOME/huggingface/hub, ~/.cache/huggingface/hub. The Hub is HF_ENDPOINT.
    /// </remarks>
    /// <param name="variable">Gives the value of an environment variable, null or empty where it is not set.</param>
    public static TokenizerPlaces FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        string Variable(string name, string otherwise) => variable(name) is { Length: > 0 } value ? value : otherwise;

        var caches = Variable("XDG_CACHE_HOME", Path.Combine(UserFolder(Environment.SpecialFolder.UserProfile), ".cache"));
        var home = Variable("HF_HOME", Path.Combine(caches, "huggingface"));
        var hub = Variable("HF_HUB_CACHE", Variable("HUGGINGFACE_HUB_CACHE", Path.Combine(home, "hub")));
        var kept = Path.Combine(UserFolder(Environment.SpecialFolder.LocalApplicationData), "LoraPS", "tokenizers", Path.GetFileName(Repository));
        return new TokenizerPlaces(kept, hub, Variable("HF_ENDPOINT", "https://huggingface.co"));
    }

    private static string UserFolder(Environment.SpecialFolder folder) =>
        Environment.GetFolderPath(folder, Environment.SpecialFolderOption.DoNotVerify);
}
