namespace LoraPS.ToyModel.Judging;

/// <summary>How good pictures are, by their pixels.</summary>
/// <param name="Zorb">Mean of <see cref="ZorbReading.Score"/> over pictures that should show a zorb, 0 to 1.</param>
/// <param name="World">Mean of <see cref="SceneMatch.Score"/> over pictures of the world's own scenes, 0 to 1.</param>
public sealed record PictureScores(double Zorb, double World);
