using Gaia.Asset;
using Gaia.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddAsset();

var app = builder.Build();
app.MapDefaultEndpoints();
app.MapAsset();
app.Run();
