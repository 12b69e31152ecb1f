using System.Net;

namespace LoraPS.Engine.Tests.Models.Clip;

/// <summary>Answers requests from memory and remembers them.</summary>
internal sealed class FakeHub(Func<string, HttpContent?> answer) : HttpMessageHandler
{
    public List<string> Asked { get; } = [];

    /// <summary>A hub that serves the files of a folder.</summary>
    public static FakeHub Serving(string folder) =>
        new(file => new ByteArrayContent(File.ReadAllBytes(Path.Combine(folder, file))));

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Asked.Add(request.RequestUri!.ToString());
        var content = answer(Path.GetFileName(request.RequestUri.LocalPath));
        return Task.FromResult(new HttpResponseMessage(content is null ? HttpStatusCode.NotFound : HttpStatusCode.OK) { Content = content });
    }
}
