using LoraPS.Engine.Data;
using SkiaSharp;

namespace LoraPS.Bench.Models;

/// <summary>Pictures as large as a camera's, in a temporary folder.</summary>
public sealed class Photos : IDisposable
{
    private const int Width = 4000;
    private const int Height = 3000;
    private const int Quality = 90;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("loraps-photos-");

    /// <summary>Draws them: clouds of fine grain, which take as long to decode as a photo does.</summary>
    public Photos(int count)
    {
        using var bitmap = new SKBitmap(Width, Height, SKColorType.Rgba8888, SKAlphaType.Opaque);
        using var canvas = new SKCanvas(bitmap);
        for (var i = 0; i < count; i++)
        {
            using var clouds = SKShader.CreatePerlinNoiseFractalNoise(0.02f, 0.02f, numOctaves: 5, seed: i);
            using var paint = new SKPaint { Shader = clouds };
            canvas.Clear(SKColors.Gray);
            canvas.DrawPaint(paint);
            using var file = File.Create(Path.Combine(_folder.FullName, $"{i:000}.jpg"));
            bitmap.Encode(file, SKEncodedImageFormat.Jpeg, Quality);
        }
    }

    /// <summary>The pictures as a data set.</summary>
    public LoraDataset Dataset(DatasetOptions options, bool randomCrop) =>
        LoraDataset.FromFolder(_folder.FullName, options, new() { ClassTokens = "clouds", RandomCrop = randomCrop });

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);
}
