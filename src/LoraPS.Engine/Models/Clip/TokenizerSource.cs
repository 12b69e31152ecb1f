using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Finds the tokenizer of a model.</summary>
/// <param name="places">Where to look beside the model and the path the user names.</param>
/// <param name="handler">Sends the requests of a download; default: the platform's.</param>
public sealed class TokenizerSource(TokenizerPlaces places, HttpMessageHandler? handler = null)
{
    private const string Remedy =
        "Do one of these: name a tokenizer path (a folder with vocab.json and merges.txt, such a vocab.json, or "
        + "bpe_simple_vocab_16e6.txt.gz); use a diffusers model folder, which has a tokenizer folder; "
        + $"allow the download of {TokenizerPlaces.Repository} from the Hub (1.5 MB, once); or put the two files in one of the places looked at.";

    /// <summary>Finds a tokenizer in the places of this machine.</summary>
    /// <inheritdoc cref="Locate"/>
    public static ClipTokenizer Find(
        string? modelPath, string? tokenizerPath, bool allowDownload = false,
        IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default) =>
        new TokenizerSource(TokenizerPlaces.FromEnvironment(Environment.GetEnvironmentVariable))
            .Locate(modelPath, tokenizerPath, allowDownload, events, cancellationToken);

    /// <summary>
    /// Takes the path the user names, or else the first of: the model's tokenizer folder, one fetched before, the local
    /// Hugging Face cache, and, where allowed, the Hub.
    /// </summary>
    /// <param name="modelPath">The model: a diffusers folder may hold a tokenizer; a single file holds none.</param>
    /// <param name="tokenizerPath">A folder with vocab.json and merges.txt, such a vocab.json, or bpe_simple_vocab_16e6.txt.gz; nothing else is looked at.</param>
    /// <param name="allowDownload">Whether a missing tokenizer (1.5 MB) may be fetched from the Hub and kept.</param>
    /// <param name="events">Told which tokenizer was taken, and how a download comes on; a download tells it on other threads.</param>
    /// <param name="cancellationToken">Stops a download; nothing of it is kept.</param>
    /// <exception cref="TokenizerNotFoundException">None is there.</exception>
    /// <exception cref="TokenizerFormatException">The one that is there is broken.</exception>
    /// <exception cref="TokenizerDownloadException">The Hub did not give one.</exception>
    public ClipTokenizer Locate(
        string? modelPath, string? tokenizerPath, bool allowDownload = false,
        IProgress<EngineEvent>? events = null, CancellationToken cancellationToken = default)
    {
        var looked = new List<string>();
        foreach (var place in tokenizerPath is null ? UsualPlaces(modelPath, looked) : [tokenizerPath])
        {
            if (Lacking(place) is { } lacking)
            {
                looked.Add($"{place} ({lacking})");
                continue;
            }

            events?.Report(new DetailEvent($"The tokenizer is {place}."));
            return new ClipTokenizer(ClipVocabulary.Load(place));
        }

        if (tokenizerPath is not null)
            throw new TokenizerNotFoundException(looked, "Name a folder with vocab.json and merges.txt, such a vocab.json, or bpe_simple_vocab_16e6.txt.gz.", tokenizerPath);
        if (!allowDownload)
            throw new TokenizerNotFoundException(looked, Remedy, modelPath);
        return new ClipTokenizer(new TokenizerDownload(places, handler).Fetch(events, cancellationToken));
    }

    private IEnumerable<string> UsualPlaces(string? modelPath, List<string> looked)
    {
        if (Directory.Exists(modelPath))
            yield return Path.Combine(modelPath, "tokenizer");
        yield return places.KeptFolder;
        if (!Directory.Exists(places.SnapshotsFolder))
        {
            looked.Add($"{places.SnapshotsFolder} (no such folder)");
            yield break;
        }

        foreach (var snapshot in Directory.EnumerateDirectories(places.SnapshotsFolder).Order(StringComparer.Ordinal))
            yield return snapshot;
    }

    /// <summary>What keeps a path from being a tokenizer, null when nothing is missing.</summary>
    private static string? Lacking(string path)
    {
        if (!Path.Exists(path))
            return "no such file or folder";
        var missing = ClipVocabulary.FilesAt(path).Where(file => !File.Exists(file)).Select(Path.GetFileName).ToList();
        return missing.Count == 0 ? null : $"no {string.Join(" and no ", missing)} there";
    }
}
