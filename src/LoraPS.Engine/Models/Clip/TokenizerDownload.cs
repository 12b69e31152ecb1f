using LoraPS.Engine.Runtime;

namespace LoraPS.Engine.Models.Clip;

/// <summary>Fetches the CLIP tokenizer from the Hub and keeps it.</summary>
/// <param name="places">The Hub's address and the folder to keep the tokenizer in.</param>
/// <param name="handler">Sends the requests; default: the platform's.</param>
internal sealed class TokenizerDownload(TokenizerPlaces places, HttpMessageHandler? handler)
{
    private const int MaxFileSize = 16 << 20;
    private const int BlockSize = 64 << 10;
    private static readonly string[] Files = [ClipVocabulary.IdsFile, ClipVocabulary.MergesFile];

    /// <summary>Fetches both files beside the folder they are kept in, checks them, and moves them there.</summary>
    /// <exception cref="TokenizerDownloadException">The Hub cannot be reached, or sends something else.</exception>
    public ClipVocabulary Fetch(IProgress<EngineEvent>? events, CancellationToken cancellationToken)
    {
        var partial = $"{places.KeptFolder}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(partial);
            // Asynchronous only so that a stalled read can be cancelled; nothing else runs meanwhile.
            FetchAsync(partial, events, cancellationToken).GetAwaiter().GetResult();
            var vocabulary = ClipVocabulary.Load(partial);
            Directory.CreateDirectory(places.KeptFolder);
            foreach (var file in Files)
                File.Move(Path.Combine(partial, file), Path.Combine(places.KeptFolder, file), overwrite: true);
            return vocabulary;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or UnauthorizedAccessException or UriFormatException or TokenizerFormatException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new TokenizerDownloadException(Address(""), e.Message.TrimEnd('.'), e);
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    private string Address(string file) => $"{places.Endpoint.TrimEnd('/')}/{TokenizerPlaces.Repository}/resolve/main/{file}";

    private async Task FetchAsync(string folder, IProgress<EngineEvent>? events, CancellationToken cancellationToken)
    {
        using var client = new HttpClient(handler ?? new SocketsHttpHandler(), disposeHandler: handler is null);
        client.DefaultRequestHeaders.UserAgent.ParseAdd("LoraPS");
        for (var i = 0; i < Files.Length; i++)
        {
            var (file, before) = (Files[i], i);
            using var response = await client.GetAsync(new Uri(Address(file)), HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            await SaveAsync(response.Content, Path.Combine(folder, file), Report, cancellationToken).ConfigureAwait(false);

            void Report(long received, long? size) => events?.Report(new ProgressEvent(
                "Fetching the CLIP tokenizer",
                size is null ? $"{file}, {received >> 10} KiB" : $"{file}, {received >> 10} of {size >> 10} KiB",
                (before + (size is > 0 ? (double)received / size.Value : 0)) / Files.Length));
        }
    }

    private static async Task SaveAsync(HttpContent content, string path, Action<long, long?> report, CancellationToken cancellationToken)
    {
        var size = content.Headers.ContentLength;
        var source = await content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using var file = File.Create(path);
        var block = new byte[BlockSize];
        while (await source.ReadAsync(block, cancellationToken).ConfigureAwait(false) is > 0 and var read)
        {
            await file.WriteAsync(block.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            if (file.Length > MaxFileSize)
                throw new IOException($"{Path.GetFileName(path)} is larger than {MaxFileSize >> 20} MiB, so it is not the vocabulary");
            report(file.Length, size);
        }

        if (size is not null && file.Length != size)
            throw new IOException($"{Path.GetFileName(path)} ended after {file.Length} of {size} bytes");
    }
}
